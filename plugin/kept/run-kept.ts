import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { keptReply } from '../../core/operation/messages.ts';
import type { KeptReply } from '../../core/operation/messages.ts';
import { operationPath } from '../../core/operation/paths.ts';
import { askEach } from '../access/ask-agents.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { consent } from '../report/ask.ts';
import type { ConsentFlags } from '../report/ask.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { renderTable } from '../report/table.ts';
import { formatAge, formatSize } from '../report/units.ts';

type Kept = KeptReply['kept'][number] & { readonly node: string };

interface Parts {
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
  readonly flags: { readonly output?: string };
}

/** `kept list` */
export async function runKeptList({ surroundings, open, flags }: Parts): Promise<ExitCode> {
  const { terminal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { kept, unreached } = await ask(surroundings, open, undefined);
  if (format === 'json' || format === 'yaml')
    terminal.print(formatValue({ kept, notReached: [...unreached.keys()] }, format));
  else if (kept.length === 0) terminal.note('Nothing is kept.');
  else terminal.print(table(kept, surroundings));
  noteUnreached(terminal, unreached);
  return unreached.size === 0 ? exitCode.done : exitCode.degraded;
}

/** `kept delete`: the one command that deletes what operations have moved aside. */
export async function runKeptDelete(
  parts: Parts & { readonly ids: readonly string[]; readonly flags: ConsentFlags & { readonly all?: boolean } },
): Promise<ExitCode> {
  const { surroundings, open, flags } = parts;
  const { terminal, signal } = surroundings;
  const { kept: all, reach } = await ask(surroundings, open, undefined);
  const kept = all.filter(({ held }) => held !== true);
  const ids = flags.all === true ? [...new Set(kept.map(({ operation }) => operation))] : parts.ids;
  if (ids.length === 0 && flags.all !== true)
    throw new Failure({
      reason: 'wrong-usage',
      what: 'say whose: operations, or --all',
      next: 'kubectl etcd kept list',
      exit: exitCode.usage,
    });
  const unknown = ids.find((id) => !kept.some(({ operation }) => operation === id));
  if (unknown !== undefined)
    throw new Failure({
      reason: 'unknown-operation',
      what: `nothing is kept of an operation ${unknown}`,
      next: 'kubectl etcd kept list',
      exit: exitCode.usage,
    });
  const doomed = kept.filter(({ operation }) => ids.includes(operation));
  if (doomed.length === 0) {
    terminal.note('Nothing is kept.');
    return exitCode.done;
  }
  terminal.note(`To be deleted, ${sum(doomed)} in all:\n${table(doomed, surroundings)}`);
  await consent(flags, { terminal, cluster: reach.cluster.name, signal });
  const deleted = await ask(surroundings, () => Promise.resolve(reach), ids);
  terminal.print(`Deleted ${sum(deleted.kept)}.\n`);
  for (const failure of deleted.unreached.values()) throw failure;
  return exitCode.done;
}

/** @param doomed deletes what these operations keep, and tells what that was. */
async function ask(
  { terminal, signal }: Surroundings,
  open: () => Promise<Reach>,
  doomed: readonly string[] | undefined,
) {
  using progress = new Progress(terminal, 'reaching the nodes');
  const reach = await open();
  progress.wait(`asking ${reach.nodes.length} nodes`);
  const query = new URLSearchParams((doomed ?? []).map((id): [string, string] => ['operation', id]));
  const send = { method: 'DELETE', json: {} } as const;
  const request =
    doomed === undefined
      ? { target: operationPath.kept, schema: keptReply }
      : { target: `${operationPath.kept}?${query.toString()}`, schema: keptReply, send };
  const kept: Kept[] = [];
  const unreached = new Map<string, Failure>();
  for (const [node, answer] of await askEach(reach, request, signal))
    if (answer instanceof Failure) unreached.set(node, answer);
    else kept.push(...answer.kept.map((each) => ({ ...each, node })));
  if (unreached.size === reach.nodes.length) for (const failure of unreached.values()) throw failure;
  return { kept, unreached, reach };
}

function table(kept: readonly Kept[], { terminal }: Surroundings): string {
  const columns = [
    { header: 'node', cell: ({ node }: Kept) => node },
    { header: 'operation', cell: ({ operation }: Kept) => operation },
    { header: 'what', cell: ({ what }: Kept) => what },
    { header: 'size', cell: ({ sizeBytes }: Kept) => formatSize(sizeBytes) },
    { header: 'age', cell: ({ since }: Kept) => formatAge(Date.now() - Date.parse(since)) },
    { header: 'path', cell: ({ path }: Kept) => path },
  ];
  return renderTable(columns, kept, { widthColumns: terminal.widthColumns, paint: terminal.paint })
    .map((line) => `${line}\n`)
    .join('');
}

function sum(kept: readonly Kept[]): string {
  return formatSize(kept.reduce((total, { sizeBytes }) => total + sizeBytes, 0));
}

function noteUnreached(terminal: Surroundings['terminal'], unreached: ReadonlyMap<string, Failure>): void {
  for (const [node, { what, why }] of unreached)
    terminal.note(`warning: ${node} is not listed: ${[what, why].filter(Boolean).join(': ')}`);
}
