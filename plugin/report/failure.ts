/** What a person reads when something went wrong. Text also with `-o json`, as kubectl does it: standard output holds results alone. */
import { Failure, messageOf, systemCode } from '../../core/failure.ts';
import { oneLine, paintNothing } from './text.ts';
import type { Paint } from './text.ts';

export interface FailureView {
  /** `-v`: the reason's word, the chain of causes, and a defect's stack. */
  readonly verbose: boolean;
  readonly paint?: Paint;
}

type Detail = readonly [label: string, text: string | undefined];

/** Lines for standard error, each ended by a newline. Whatever was thrown: what is no Failure is a defect of ours, and says so. */
export function renderFailure(thrown: unknown, view: FailureView): string {
  const { verbose, paint = paintNothing } = view;
  const { what, details } = thrown instanceof Failure ? ofFailure(thrown, verbose) : ofDefect(thrown, verbose);
  const labelColumns = Math.max(0, ...details.map(([label]) => label.length));
  return [
    `${paint('red', 'error:')} ${oneLine(what)}`,
    ...details.flatMap(([label, text]) => indented(label.padEnd(labelColumns), text ?? '')),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

interface Parts {
  readonly what: string;
  readonly details: readonly Detail[];
}

function ofFailure(failure: Failure, verbose: boolean): Parts {
  const { what, node, why, next, reason } = failure;
  const details: Detail[] = [
    ['node', node],
    ['why', why],
    ['next', next],
  ];
  if (verbose) details.push(['reason', reason], ...causes(failure));
  return { what, details: details.filter(([, text]) => text !== undefined && text !== '') };
}

function ofDefect(thrown: unknown, verbose: boolean): Parts {
  const message = messageOf(thrown);
  const what = `a defect in kubectl etcd: ${message === '' ? 'it does not say what' : message}`;
  if (!verbose)
    return { what, details: [['next', 'the same command with -v shows where it happened; please report that']] };
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  return { what, details: [...(stack === undefined ? [] : [['stack', stack] as const]), ...causes(thrown)] };
}

/** From the nearest cause to the innermost. A chain that bites its own tail ends there. */
function causes(thrown: unknown): Detail[] {
  const seen = new Set([thrown]);
  const found: Detail[] = [];
  let cause = thrown instanceof Error ? thrown.cause : undefined;
  while (cause !== undefined && cause !== null && !seen.has(cause)) {
    seen.add(cause);
    const code = systemCode(cause);
    const name = cause instanceof Error ? `${cause.name}${code === undefined ? '' : ` ${code}`}: ` : '';
    found.push(['cause', `${name}${messageOf(cause)}`]);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return found;
}

function indented(label: string, text: string): string[] {
  const blank = ' '.repeat(label.length);
  return text
    .split('\n')
    .map(oneLine)
    .filter((line) => line !== '')
    .map((line, at) => `  ${at === 0 ? label : blank}  ${line}`);
}
