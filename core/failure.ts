/**
 * Everything that can go wrong and that a person should read about is one class: it says what failed, on which node, why and what to do
 * next, and it carries the exit code. Each room owns the reasons that arise in it; a reason is a stable word that scripts may match.
 */

/** The documented exit codes of every command. */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  degraded: 3,
  quorumLost: 4,
  refused: 5,
  resumable: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

export interface FailureDetails {
  /** A stable word in kebab-case, for scripts and tests: `etcd-not-found`, `forbidden`. */
  readonly reason: string;
  /** What failed, as a clause without a full stop: `cannot read the static manifest`. */
  readonly what: string;
  /** The node it failed on, where there is one. */
  readonly node?: string | undefined;
  /** Why, in the words of whoever knows: the kernel, etcd, the API server. */
  readonly why?: string | undefined;
  /** What to do about it, best as a command that can be pasted. */
  readonly next?: string | undefined;
  /** 1 unless said otherwise. */
  readonly exit?: ExitCode | undefined;
  readonly cause?: unknown;
}

export class Failure extends Error {
  override readonly name = 'Failure';
  readonly reason: string;
  readonly what: string;
  readonly node: string | undefined;
  readonly why: string | undefined;
  readonly next: string | undefined;
  readonly exit: ExitCode;

  constructor(details: FailureDetails) {
    const on = details.node === undefined ? '' : `${details.node}: `;
    const why = details.why === undefined ? '' : `: ${details.why}`;
    super(`${on}${details.what}${why}`, { cause: details.cause });
    this.reason = details.reason;
    this.what = details.what;
    this.node = details.node;
    this.why = details.why;
    this.next = details.next;
    this.exit = details.exit ?? exitCode.failed;
  }
}

/** The message of anything that was thrown, for the `why` of a Failure: the innermost message says the most. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '') return thrown.errors.map(messageOf).join('; ');
  if (thrown instanceof Error) return thrown.message;
  return String(thrown);
}

/** The `code` of a Node system error (`ENOENT`), where there is one. */
export function systemCode(thrown: unknown): string | undefined {
  // Not instanceof: an error may come from another realm (a worker's, a test runner's).
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined;
}

/** What was thrown as a Failure: itself where it is one, else the given sentence with its message as the reason why. */
export function asFailure(thrown: unknown, details: Omit<FailureDetails, 'why' | 'cause'>): Failure {
  return thrown instanceof Failure ? thrown : new Failure({ ...details, why: messageOf(thrown), cause: thrown });
}
