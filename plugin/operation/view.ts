import type { StepEvent } from '../../core/operation/messages.ts';
import type { Phase, PlacedStep, Plan } from '../../core/operation/plan.ts';
import type { Terminal } from '../report/terminal.ts';
import { formatDuration, formatShare, formatSize, formatTime } from '../report/units.ts';
import type { Watcher } from './execute.ts';

const redrawMs = 100;
const toldAfterMs = 5_000;

/**
 * What a person sees while an operation goes on. On a terminal: the phases that are done, and below them each node with what it is doing. Without
 * one: a line with its time when a phase begins, and when it ends.
 */
export class OperationView implements Watcher, Disposable {
  readonly #terminal: Terminal;
  readonly #columns: number;
  readonly #timer: NodeJS.Timeout;
  #phase: Phase | undefined;
  #undoing = false;
  #sinceMs = 0;
  readonly #doing = new Map<string, string>();
  readonly #told = new Map<string, { readonly text: string; readonly atMs: number }>();

  constructor(terminal: Terminal, plan: Plan) {
    this.#terminal = terminal;
    this.#columns = Math.max(...plan.phases.map(({ name }) => name.length)) + 3;
    this.#timer = setInterval(() => this.#draw(), redrawMs);
    this.#timer.unref();
  }

  phase(phase: Phase, way: 'do' | 'undo'): void {
    this.#phase = phase;
    this.#undoing = way === 'undo';
    this.#sinceMs = performance.now();
    this.#doing.clear();
    const nodes = [...new Set(phase.steps.map(({ node }) => node))];
    for (const node of nodes) this.#doing.set(node, 'waiting');
    if (!this.#terminal.isLive) this.#line(`${this.#title(phase)} on ${nodes.join(', ')}: ${phase.what}`);
  }

  step({ node }: PlacedStep, { text, doneBytes, totalBytes }: Extract<StepEvent, { event: 'progress' }>): void {
    if (!this.#terminal.isLive) this.#tell(node, text);
    this.#doing.set(node, [text, figures(doneBytes, totalBytes)].filter(Boolean).join('  '));
  }

  done({ node }: PlacedStep): void {
    this.#doing.set(node, 'done');
  }

  phaseDone(phase: Phase, tookMs: number): void {
    this.#phase = undefined;
    const done = `${this.#undoing ? 'undone' : 'done'} in ${formatDuration(tookMs)}`;
    if (this.#terminal.isLive) {
      this.#terminal.showLive([]);
      this.#terminal.note(`  ${phase.name.padEnd(this.#columns)}${done}`);
    } else this.#line(`${this.#title(phase)} ${done}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#terminal.showLive([]);
  }

  /** Without a terminal: what takes its time, and not every word of it. */
  #tell(node: string, text: string): void {
    const told = this.#told.get(node);
    const nowMs = performance.now();
    if (told?.text === text || nowMs - Math.max(this.#sinceMs, told?.atMs ?? 0) < toldAfterMs) return;
    this.#told.set(node, { text, atMs: nowMs });
    this.#line(`${node}: ${text}`);
  }

  #title({ name }: Phase): string {
    return this.#undoing ? `undoing ${name}` : name;
  }

  #line(text: string): void {
    this.#terminal.note(`${formatTime(new Date())} ${text}`);
  }

  #draw(): void {
    if (this.#phase === undefined) return;
    const since = formatDuration(performance.now() - this.#sinceMs);
    const widest = Math.max(...[...this.#doing.keys()].map((node) => node.length));
    const [first = '', ...others] = [...this.#doing].map(([node, text]) => `${node.padEnd(widest)}  ${text}`);
    this.#terminal.showLive([
      `  ${this.#title(this.#phase).padEnd(this.#columns)}${first}   ${since}`,
      ...others.map((line) => `  ${' '.repeat(this.#columns)}${line}`),
    ]);
  }
}

function figures(doneBytes: number | undefined, totalBytes: number | undefined): string {
  if (doneBytes === undefined) return '';
  if (totalBytes === undefined || totalBytes === 0) return formatSize(doneBytes);
  return `${formatShare(doneBytes, totalBytes)} of ${formatSize(totalBytes)}`;
}
