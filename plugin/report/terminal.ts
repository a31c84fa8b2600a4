/**
 * The one way to the person: results go to standard output, everything else to standard error, and nothing else in the program writes to
 * either. The live region (a spinner, a bar) belongs here too, because whoever writes a line must first take it away.
 */
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { Failure, messageOf, systemCode } from '../../core/failure.ts';
import { cutToWidth, paintColours, paintNothing, widthOf } from './text.ts';
import type { Paint } from './text.ts';

/** A standard stream; the two properties are there where it is a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };
export type InputStream = Readable & { readonly isTTY?: boolean };

export interface TerminalOptions {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** NO_COLOR, FORCE_COLOR and TERM are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** For a terminal that does not know its width: a serial console says 0 columns. */
const usualColumns = 80;

function columnsOf({ columns = 0 }: OutputStream): number {
  return columns > 0 ? columns : usualColumns;
}

export class Terminal {
  /** Colours for results. */
  readonly paint: Paint;
  /** Colours for what goes to standard error. */
  readonly notePaint: Paint;
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean;
  /** Whether a live region can be drawn on standard error. */
  readonly isLive: boolean;
  /** Whether a person can be asked: standard input and standard error are terminals. */
  readonly canAsk: boolean;
  readonly input: InputStream;
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;
  readonly #closed = new AbortController();
  #broken: Failure | undefined;
  #stderrGone = false;
  #live: readonly string[] = [];
  #drawn: readonly string[] = [];

  constructor(options: TerminalOptions) {
    const { stdin, stdout, stderr, env } = options;
    this.input = stdin;
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.isTerminal = stdout.isTTY === true;
    this.isLive = stderr.isTTY === true && env['TERM'] !== 'dumb';
    this.canAsk = stdin.isTTY === true && stderr.isTTY === true;
    this.paint = colourAllowed(stdout, env) ? paintColours : paintNothing;
    this.notePaint = colourAllowed(stderr, env) ? paintColours : paintNothing;
    stdout.on('error', (error) => this.#onResultsError(error));
    // Nobody is left to be told: what the command does goes on all the same.
    stderr.on('error', () => (this.#stderrGone = true));
  }

  /** The width to cut results to; undefined where they go into a pipe or a file, and must be whole. */
  get widthColumns(): number | undefined {
    return this.isTerminal ? columnsOf(this.#stdout) : undefined;
  }

  /** Aborts when whoever reads the results has gone (`| head`): reason enough for `--watch` and `logs` to end, in silence. */
  get resultsClosed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Writes a result as it is. */
  print(text: string | Uint8Array): void {
    if (this.#closed.signal.aborted) return;
    this.#aroundLive(this.isTerminal, () => this.#stdout.write(text));
  }

  /** Writes results as they come, no faster than they are read: logs may be long. Ends early when the reader has gone. */
  async printAll(chunks: AsyncIterable<Uint8Array | string>): Promise<void> {
    for await (const chunk of chunks) {
      if (this.#closed.signal.aborted) break;
      if (!this.#stdout.write(chunk)) await this.#drained();
    }
  }

  /** Writes lines for the person to standard error; a newline at the end is added where there is none. */
  note(text: string): void {
    if (this.#stderrGone) return;
    this.#aroundLive(true, () => this.#stderr.write(text.endsWith('\n') ? text : `${text}\n`));
  }

  /** Writes a question to standard error; the answer is typed behind it. */
  ask(question: string): void {
    if (!this.#stderrGone) this.#aroundLive(true, () => this.#stderr.write(question));
  }

  /**
   * Replaces the live region at the end of standard error; no lines take it away. Does nothing where standard error is no terminal.
   * Lines are cut to the width. The cursor waits below them and is not hidden, so that a process that is killed leaves nothing to repair.
   */
  showLive(lines: readonly string[]): void {
    if (!this.isLive || this.#stderrGone) return;
    this.#live = lines;
    const drawn = lines.map((line) => cutToWidth(line, this.#noteColumns - 1));
    const text = this.#erasure() + drawn.map((line) => `${line}\n`).join('');
    this.#drawn = drawn;
    if (text !== '') this.#stderr.write(text);
  }

  /**
   * Waits until all results are with the system; to be awaited before the process ends.
   * @throws {Failure} `results-not-written` when they could not be written (a full disk); a reader that has gone is no failure.
   */
  async flush(): Promise<void> {
    this.showLive([]);
    if (!this.#closed.signal.aborted) await new Promise<void>((done) => this.#stdout.write('', () => done()));
    if (this.#broken !== undefined) throw this.#broken;
  }

  get #noteColumns(): number {
    return columnsOf(this.#stderr);
  }

  #aroundLive(overlaps: boolean, write: () => void): void {
    const live = this.#live;
    const hide = overlaps && live.length > 0;
    if (hide) this.showLive([]);
    write();
    if (hide) this.showLive(live);
  }

  /** Up over the drawn lines (more rows where the terminal has become narrower since), then erase to the end of the screen. */
  #erasure(): string {
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / this.#noteColumns)), 0);
    return rows === 0 ? '' : `\u001b[${rows}A\r\u001b[J`;
  }

  async #drained(): Promise<void> {
    const settled = new AbortController();
    try {
      await Promise.race([
        once(this.#stdout, 'drain', { signal: settled.signal }),
        once(this.#closed.signal, 'abort', { signal: settled.signal }),
        once(this.#stdout, 'close', { signal: settled.signal }),
      ]);
    } catch (error) {
      if (!this.#closed.signal.aborted) throw error;
    } finally {
      settled.abort();
    }
  }

  #onResultsError(error: Error): void {
    // EPIPE is `| head`, and so is a terminal that was closed (EIO): no failure of ours.
    const readerGone = systemCode(error) === 'EPIPE' || (this.isTerminal && systemCode(error) === 'EIO');
    if (!readerGone) {
      this.#broken ??= new Failure({
        reason: 'results-not-written',
        what: 'cannot write the results to standard output',
        why: messageOf(error),
        cause: error,
      });
    }
    this.#closed.abort();
  }
}

/** FORCE_COLOR wins over NO_COLOR, as in Node itself; NO_COLOR counts when it is not empty (no-color.org). */
function colourAllowed(stream: OutputStream, env: TerminalOptions['env']): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false;
  return stream.isTTY === true;
}
