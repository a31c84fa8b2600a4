import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { programVersion } from '../../core/version.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { parseOutputFormat } from '../report/output.ts';
import type { OutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { assess } from './assess.ts';
import type { Assessment } from './assess.ts';
import { observe } from './observe.ts';
import { renderStatus } from './view.ts';

export interface ShowStatus {
  readonly flags: { readonly output?: string };
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
}

/** Between two looks of `--watch`: what a person notices as at once, and an agent hardly at all. */
const watchEveryMs = 2_000;

/** Looks once and prints; the exit code is the cluster's health. */
export async function showStatus({ flags, surroundings, open }: ShowStatus): Promise<ExitCode> {
  const format = parseOutputFormat(flags.output);
  const { document, exit } = await look({ surroundings, open, quiet: false });
  surroundings.terminal.print(render(document, format, surroundings));
  return exit;
}

/**
 * Looks again and again until Ctrl-C; prints when something but the passing counters has changed, so that a log of it can be read.
 * A look that fails is said, and the next one is taken all the same: the API server may be what is being watched.
 */
export async function watchStatus({ flags, surroundings, open }: ShowStatus): Promise<ExitCode> {
  const format = parseOutputFormat(flags.output);
  const { terminal, signal } = surroundings;
  const end = AbortSignal.any([signal, terminal.resultsClosed]);
  let shown: string | undefined;
  let exit: ExitCode = exitCode.done;
  const ended = () => end.aborted;
  while (!ended()) {
    try {
      const seen = await look({ surroundings, open, quiet: shown !== undefined });
      const state = lasting(seen);
      if (state !== shown)
        terminal.print(
          `${shown === undefined || format !== 'table' ? '' : '\n'}${render(seen.document, format, surroundings)}`,
        );
      shown = state;
      exit = seen.exit;
    } catch (thrown) {
      if (ended()) break;
      if (!(thrown instanceof Failure)) throw thrown;
      if (shown === undefined && thrown.exit === exitCode.usage) throw thrown;
      if (thrown.message !== shown) terminal.note(`${new Date().toISOString()} ${thrown.message}`);
      shown = thrown.message;
      exit = thrown.exit;
    }
    await sleep(watchEveryMs, undefined, { signal: end }).catch(() => undefined);
  }
  return exit;
}

async function look(options: {
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
  readonly quiet: boolean;
}): Promise<Assessment> {
  const { terminal, signal } = options.surroundings;
  using progress = options.quiet ? undefined : new Progress(terminal, 'reaching the cluster');
  const reach = await options.open();
  progress?.wait(`asking ${reach.nodes.length} ${reach.nodes.length === 1 ? 'node' : 'nodes'}`);
  const { survey, access, peers, reports } = await observe(reach, signal);
  return assess({
    cluster: { name: reach.cluster.name, uid: reach.cluster.uid ?? null },
    nodes: reach.nodes.map((node) => ({ ...node, controlPlane: true })),
    reply: survey,
    agentReports: reports,
    pluginVersion: programVersion,
    access: {
      ...{ state: access, peers, file: reach.access },
      expected: reach.apiServer !== undefined || reach.fromNode !== undefined,
    },
    nowMs: Date.now(),
  });
}

function render(document: Assessment['document'], format: OutputFormat, { terminal }: Surroundings): string {
  return renderStatus(document, { format, widthColumns: terminal.widthColumns, paint: terminal.paint });
}

/** The document without what changes all the time: two of them are equal when nothing worth a line has happened. */
function lasting({ document }: Assessment): string {
  const members = document.members.map(({ id, node, healthy, status, leader, learner, version, alarms }) => ({
    id,
    node,
    healthy,
    status,
    leader,
    learner,
    version,
    alarms,
  }));
  return JSON.stringify({
    ...document,
    // What of it is worth a line stands among the problems.
    access: undefined,
    members,
    problems: document.problems.map(({ node, what }) => ({ node, what })),
  });
}
