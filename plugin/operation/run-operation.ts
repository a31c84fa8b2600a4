import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import { allSteps } from '../../core/operation/plan.ts';
import type { Plan } from '../../core/operation/plan.ts';
import { phaseTimes } from '../../core/operation/times.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { Reach } from '../link/reach.ts';
import { consent } from '../report/ask.ts';
import type { ConsentFlags } from '../report/ask.ts';
import { formatNames, formatValue, parseOutputFormat } from '../report/output.ts';
import { Progress } from '../report/progress.ts';
import { renderTable } from '../report/table.ts';
import { formatAge, formatDuration } from '../report/units.ts';
import { usualHolder } from '../access/access-directory.ts';
import { carryOut, takeBack } from './carry-out.ts';
import { fenceLine, fencesNow } from './fenced.ts';
import { gatherAll, gatherOne, standing } from './gather.ts';
import type { Gathered } from './gather.ts';
import { wordsOf } from './kinds.ts';
import { close, takeUp } from './session.ts';

interface Parts {
  readonly surroundings: Surroundings;
  readonly open: () => Promise<Reach>;
  readonly flags: { readonly output?: string };
}
type OfOne = Parts & { readonly id: string; readonly flags: ConsentFlags & { readonly force?: boolean } };

/** `operation list` */
export async function runList({ surroundings, open, flags }: Parts): Promise<ExitCode> {
  const { terminal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml', 'name']);
  const { found, fences } = await lookedAtAll(surroundings, open);
  if (format === 'json' || format === 'yaml')
    terminal.print(formatValue({ operations: found.map(documentOf), fences }, format));
  else if (format === 'name')
    terminal.print(
      formatNames(
        'operation',
        found.map(({ plan }) => plan.id),
      ),
    );
  else if (found.length === 0) terminal.note('There are no operations.');
  else {
    const lines = renderTable(
      [
        { header: 'operation', cell: ({ plan }: Gathered) => plan.id },
        { header: 'what', cell: ({ plan }) => plan.title, givesWay: true },
        { header: 'state', cell: standing },
        {
          header: 'started',
          cell: ({ plan }) => `${formatAge(Date.now() - Date.parse(plan.createdAt))} ago, by ${plan.by}`,
        },
      ],
      found,
      { widthColumns: terminal.widthColumns, paint: terminal.paint },
    );
    terminal.print(lines.map((line) => `${line}\n`).join(''));
    for (const operation of found.filter((each) => each.open)) terminal.note(nextLines(operation));
  }
  if (format === 'table') for (const fence of fences) terminal.note(fenceLine(fence));
  return exitCode.done;
}

/** `operation show` */
export async function runShow({ id, surroundings, open, flags }: Parts & { readonly id: string }): Promise<ExitCode> {
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { found } = await looked(surroundings, open, async (reach) => gatherOne(reach, id, signal));
  if (format === 'json' || format === 'yaml') {
    const journals = Object.fromEntries(found.journals);
    terminal.print(formatValue({ ...documentOf(found), plan: found.plan, journals }, format));
    return exitCode.done;
  }
  terminal.print(showLines(found));
  if (found.open) terminal.note(nextLines(found));
  return exitCode.done;
}

/** `operation resume`: goes on where it stopped. */
export async function runResume({ id, surroundings, open, flags }: Parts & { readonly id: string }): Promise<ExitCode> {
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { found, reach } = await looked(surroundings, open, async (at) => gatherOne(at, id, surroundings.signal));
  assertOpen(found);
  assertReached(found);
  if (found.state.undoing)
    throw new Failure({
      reason: 'being-rolled-back',
      what: `${id} is being rolled back`,
      next: `kubectl etcd operation rollback ${id} goes on with that`,
      exit: exitCode.refused,
    });
  return await carryOut({
    ...{ reach, plan: found.plan, surroundings, format },
    states: found.state.steps,
    takenUpOn: found.unknown,
  });
}

/** `operation rollback`: brings back what was there before, as long as no API server has served the new data. */
export async function runRollback({ id, surroundings, open, flags }: OfOne & Parts): Promise<ExitCode> {
  const { terminal, signal } = surroundings;
  const { found, reach } = await looked(surroundings, open, async (at) => gatherOne(at, id, signal));
  const { plan, state } = found;
  assertOpen(found);
  assertReached(found);
  if (state.served && flags.force !== true) throw alreadyServed(plan);
  if (state.touched && nothingBefore(plan)) throw emptyBefore(plan);
  await consent(flags, { terminal, cluster: plan.cluster.name, signal });
  // Nodes that know nothing of it have nothing to undo, and nothing else must begin there meanwhile.
  await takeUp(reach, plan, { nodes: found.unknown, by: usualHolder(), signal });
  await takeBack(
    { reach, plan, surroundings, format: 'table', states: state.steps },
    everTouched(found) ? 'rolled-back' : 'withdrawn',
  );
  terminal.print(`Rolled back ${id}: ${plan.nodes.join(', ')} are as they were.\n`);
  for (const { node } of plan.leftOut ?? [])
    terminal.note(`${node} is not fenced any more. What its agent has stopped there stays so: kubectl etcd status`);
  return exitCode.done;
}

/** `operation abandon`: closes it as it stands. */
export async function runAbandon({ id, surroundings, open, flags }: OfOne & Parts): Promise<ExitCode> {
  const { terminal, signal } = surroundings;
  const { found, reach } = await looked(surroundings, open, async (at) => gatherOne(at, id, signal));
  const { plan } = found;
  assertOpen(found);
  terminal.note(
    `${id} is ${standing(found)}. Nothing is put back: what was stopped stays so, and what was moved aside stays there.`,
  );
  await consent(flags, { terminal, cluster: plan.cluster.name, signal });
  const known = plan.nodes.filter((node) => found.journals.has(node));
  const failures = await close(reach, plan, known, 'abandoned', usualHolder());
  for (const failure of failures.values()) throw failure;
  for (const node of found.unreached.keys()) terminal.note(`warning: ${node} was not reached, and holds on to ${id}`);
  terminal.print(`Abandoned ${id}.\n`);
  return exitCode.done;
}

async function lookedAtAll(surroundings: Surroundings, open: () => Promise<Reach>) {
  const { signal } = surroundings;
  const { found } = await looked(surroundings, open, async (reach) => {
    const [operations, fences] = await Promise.all([gatherAll(reach, signal), fencesNow(reach, signal)]);
    return { operations, fences };
  });
  return { found: found.operations, fences: found.fences };
}

async function looked<Found>(
  { terminal }: Surroundings,
  open: () => Promise<Reach>,
  look: (reach: Reach) => Promise<Found>,
): Promise<{ found: Found; reach: Reach }> {
  using progress = new Progress(terminal, 'reaching the nodes');
  const reach = await open();
  progress.wait(`asking ${reach.nodes.length} nodes`);
  return { found: await look(reach), reach };
}

/** Also where all of that has been undone again, by a rollback that was interrupted. */
function everTouched({ plan, journals }: Gathered): boolean {
  const touching = new Set(
    plan.phases.filter(({ touches }) => touches === true).flatMap(({ steps }) => steps.map(({ id }) => id)),
  );
  return [...journals.values()].flat().some((record) => record.event === 'begun' && touching.has(record.step));
}

function alreadyServed({ id, kind }: Plan): Failure {
  const { noWayBack, lostByForce } = wordsOf({ kind });
  return new Failure({
    reason: 'already-served',
    what: `${id}: ${noWayBack}`,
    why: lostByForce,
    next: [
      `go on: kubectl etcd operation resume ${id}`,
      `go back all the same: kubectl etcd operation rollback ${id} --force`,
    ].join('\n'),
    exit: exitCode.refused,
  });
}

/** Whether no node had a member when the operation was planned. */
function nothingBefore(plan: Plan): boolean {
  const exchanges = allSteps(plan).flatMap(({ does }) => (does.kind === 'exchange' ? [does] : []));
  return exchanges.length > 0 && exchanges.every(({ hadMember }) => !hadMember);
}

function emptyBefore({ id }: Plan): Failure {
  return new Failure({
    reason: 'nothing-before',
    what: `there is nothing to go back to: no node had data when ${id} was begun`,
    why: 'etcd would make a new, empty cluster, and what runs would be taken for gone',
    next: `go on: kubectl etcd operation resume ${id}`,
    exit: exitCode.refused,
  });
}

function assertOpen({ plan, open, state }: Gathered): void {
  if (open) return;
  throw new Failure({
    reason: 'operation-closed',
    what: `the operation ${plan.id} is closed: ${[...new Set(state.closed.values())].join(', ')}`,
    next: `kubectl etcd operation show ${plan.id}`,
    exit: exitCode.refused,
  });
}

function assertReached({ plan, unreached }: Gathered): void {
  const [first] = unreached;
  if (first === undefined) return;
  const [node, { what, why, next }] = first;
  throw new Failure({
    reason: 'node-not-reached',
    what: `${[...unreached.keys()].join(', ')} cannot be reached, and ${plan.id} concerns it`,
    node,
    why: [what, why].filter(Boolean).join(': '),
    next,
    exit: exitCode.refused,
  });
}

function documentOf(operation: Gathered) {
  const { plan, state, open, unreached, unknown } = operation;
  return {
    id: plan.id,
    title: plan.title,
    state: standing(operation),
    open,
    startedAt: plan.createdAt,
    by: plan.by,
    nodes: plan.nodes,
    phase: state.phase?.name ?? null,
    canResume: open && !state.undoing,
    canRollBack: open && !state.served,
    notReached: [...unreached.keys()],
    notTakenUp: unknown,
  };
}

function nextLines({ plan, state }: Gathered): string {
  const { id } = plan;
  const resume = state.undoing ? '' : `resume it: kubectl etcd operation resume ${id}`;
  const undo = state.served ? '' : `undo it: kubectl etcd operation rollback ${id}`;
  return `${id}   ${[resume, undo].filter(Boolean).join('     ')}`;
}

function showLines(operation: Gathered): string {
  const { plan, journals, state } = operation;
  const times = phaseTimes(plan, journals);
  const rows = plan.phases.map((phase) => {
    const time = times.find((each) => each.phase === phase);
    const steps = phase.steps.map(({ id, node }) => ({ node, state: state.steps.get(id) ?? 'open' }));
    const [different] = steps.filter((step) => step.state !== steps[0]?.state);
    const whole =
      different === undefined
        ? (steps[0]?.state ?? 'open')
        : steps.map((step) => `${step.node} ${step.state}`).join(', ');
    const took = time?.endedMs === undefined ? '' : formatDuration(time.endedMs - time.begunMs);
    return { name: phase.name, on: [...new Set(phase.steps.map(({ node }) => node))].join(' '), whole, took };
  });
  const failures = [...journals].flatMap(([node, records]) =>
    records.flatMap((record) =>
      'failure' in record
        ? [
            `${record.at} ${node}: ${record.failure.what}${record.failure.why === undefined ? '' : `: ${record.failure.why}`}`,
          ]
        : [],
    ),
  );
  return [
    `${plan.id}   ${plan.title}   ${standing(operation)}`,
    `by ${plan.by} at ${plan.createdAt}, cluster ${plan.cluster.name}`,
    '',
    ...renderTable(
      [
        { header: 'phase', cell: ({ name }: (typeof rows)[number]) => name },
        { header: 'on', cell: ({ on }) => on },
        { header: 'state', cell: ({ whole }) => whole },
        { header: 'took', cell: ({ took }) => took },
      ],
      rows,
    ),
    ...((plan.aftermath ?? []).length === 0
      ? []
      : [
          '',
          'Aftermath:',
          ...(plan.aftermath ?? []).map(({ what, next }) => `  ${what}${next === undefined ? '' : `: ${next}`}`),
        ]),
    ...(failures.length === 0 ? [] : ['', 'What failed:', ...failures.map((line) => `  ${line}`)]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}
