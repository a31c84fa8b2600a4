import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { logsPath } from '../../core/protocol/paths.ts';
import { readBlocks } from '../../core/protocol/block-reader.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { nodeNamed, openSession } from '../link/reach.ts';

/** Prints etcd's log of a node as it comes; `--follow` ends with Ctrl-C or when nobody reads any more. */
export async function printLogs(options: {
  readonly node: string;
  readonly flags: { readonly previous?: boolean; readonly follow?: boolean; readonly tail?: string };
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}): Promise<ExitCode> {
  const { flags, surroundings } = options;
  const { terminal, signal } = surroundings;
  const tailLines = flags.tail === undefined ? undefined : lineCount(flags.tail);
  const reach = await options.open();
  const node = nodeNamed(reach, options.node);
  const end = AbortSignal.any([signal, terminal.resultsClosed]);
  using session = await openSession(reach, node, end);
  const { bytes } = await session.stream(
    logsPath({ previous: flags.previous === true, follow: flags.follow === true, tailLines }),
    end,
  );
  try {
    await terminal.printAll(readBlocks(bytes, { what: "etcd's log", node: node.name }));
  } catch (thrown) {
    // The way to end a log that is followed.
    if (!(flags.follow === true && end.aborted)) throw thrown;
  }
  return exitCode.done;
}

function lineCount(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Failure({
    reason: 'bad-tail',
    what: `--tail takes a number of lines, not "${text}"`,
    next: '--tail 100',
    exit: exitCode.usage,
  });
}
