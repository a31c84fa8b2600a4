/** How an operation goes on, or back, when a node is gone for good in its middle. Pure: from the plan and from what the journals that are left say. */
import { exitCode, Failure } from '../../core/failure.ts';
import { allSteps, stepsOn } from '../../core/operation/plan.ts';
import type { Phase, PlacedStep, Plan } from '../../core/operation/plan.ts';
import type { OperationState, StepState } from '../../core/operation/state.ts';
import type { ClusterIdentity, Step, StepOf } from '../../core/operation/steps.ts';

type States = ReadonlyMap<string, StepState>;
type Named = Pick<ClusterIdentity['members'][number], 'id' | 'name' | 'peerUrls'>;

/**
 * The plan of a restore without nodes that are gone for good: what is left for them is left out, what one of them was to do for all goes to another,
 * they are fenced, and leave the new cluster before it is checked. Whatever the other nodes have begun stays as it was.
 * @param states of the steps, as the journals of the nodes that are left have them.
 * @throws {Failure} `all-nodes-needed` for what is no restore; `not-prepared` where nothing was stopped yet; `no-quorum-left` where the new cluster would not have one.
 */
export function withoutDead(plan: Plan, dead: readonly string[], states: States): Plan {
  const living = plan.nodes.filter((node) => !dead.includes(node));
  const left = onlyOn(plan, living);
  assertRestore(plan, dead);
  assertPrepared(left, dead, states);
  const gone = membersOf(plan, dead);
  assertQuorum(plan, living, dead, states);
  const first = living[0] ?? '';
  const version = (plan.version ?? 1) + 1;
  const label = dead.join('-');
  const begun = ({ id, node }: PlacedStep) => living.includes(node) && (states.get(id) ?? 'open') !== 'open';
  /** A phase is a barrier: when a later one has begun, it is done, on those that are dead as well. */
  const isPassed = (name: string) => {
    const at = plan.phases.findIndex((phase) => phase.name === name);
    return plan.phases.slice(at + 1).some(({ steps }) => steps.some(begun));
  };

  const newSteps = new Map<string, PlacedStep[]>();
  const add = (phase: string, node: string, does: Step) => {
    const id = `${phase}.${node}.${does.kind}-without-${label}`.slice(0, 100);
    newSteps.set(phase, [...(newSteps.get(phase) ?? []), { id, node, does }]);
  };
  // Also those whom one that is dead now was to fence, and to remove: whether it has is not known.
  const onDead = allSteps(plan).filter(({ node }) => dead.includes(node));
  const fenced = onDead.flatMap(({ does }) => (does.kind === 'fence' ? does.nodes : []));
  const removed = onDead.flatMap(({ does }) => (does.kind === 'remove-members' ? does.members : []));
  add('fence', first, { kind: 'fence', nodes: [...dead, ...fenced], by: plan.by });
  add('remove-members', first, { kind: 'remove-members', members: [...gone, ...removed] });

  const dropped = new Set<string>();
  if (!isPassed('check'))
    for (const { id, node, does } of allSteps(plan)) {
      const checked = withoutMembers(does, gone);
      if (checked === undefined) continue;
      dropped.add(id);
      add('check', living.includes(node) ? node : first, checked);
    }
  const serving = living.find((node) => apiServerOn(left, node) !== undefined);
  const start = serving === undefined ? undefined : apiServerOn(left, serving);
  const lost = (name: string) => !isPassed(name) && hasStepOn(plan, name, dead);
  if (serving !== undefined && start !== undefined) {
    if (lost('start-api-server')) add('start-api-server', serving, start);
    const canary = allSteps(plan).find(({ does }) => does.kind === 'canary');
    if (canary !== undefined && dead.includes(canary.node) && start.apiServer !== undefined)
      add('start-control-plane', serving, { kind: 'canary', apiServer: start.apiServer });
  }

  for (const { node, does } of allSteps(plan))
    if (does.kind === 'record-cluster' && dead.includes(node)) add('start-control-plane', first, does);

  const phases = withPhases(plan).map((phase): Phase => ({
    ...phase,
    steps: [
      ...phase.steps.filter(({ id, node }) => living.includes(node) && !dropped.has(id)),
      ...(newSteps.get(phase.name) ?? []),
    ],
  }));
  return {
    ...plan,
    version,
    nodes: living,
    leftOut: [...(plan.leftOut ?? []), ...dead.map((node) => ({ node, declaredDead: true }))],
    phases: phases.filter(({ steps }) => steps.length > 0),
    aftermath: [...dead.map(aftermathOfDead), ...(plan.aftermath ?? [])],
  };
}

/** What of a plan concerns these nodes. */
export function onlyOn(plan: Plan, nodes: readonly string[]): Plan {
  const phases = plan.phases.map((phase) => ({ ...phase, steps: nodes.flatMap((node) => stepsOn(phase, node)) }));
  return { ...plan, nodes: [...nodes], phases: phases.filter(({ steps }) => steps.length > 0) };
}

/**
 * Whether an API server may have served the new data, on a node that can be asked or on one that is dead: there it may have, once all that comes
 * before is done wherever it can be asked.
 */
export function mayHaveServed(plan: Plan, dead: readonly string[], { steps, served }: OperationState): boolean {
  if (served) return true;
  const at = plan.phases.findIndex((phase) => phase.servesNewData === true && hasStepOn(plan, phase.name, dead));
  if (at === -1) return false;
  const before = plan.phases.slice(0, at).flatMap((phase) => phase.steps);
  return before.every(({ id, node }) => dead.includes(node) || steps.get(id) === 'done');
}

function assertRestore({ id, kind }: Plan, dead: readonly string[]): void {
  if (kind === 'restore') return;
  throw new Failure({
    reason: 'all-nodes-needed',
    what: `${id} cannot go on without ${dead.join(', ')}: only a restore can`,
    next: `kubectl etcd operation rollback ${id} --dead ${dead.join(',')}`,
    exit: exitCode.refused,
  });
}

function assertPrepared(left: Plan, dead: readonly string[], states: States): void {
  const preparing = left.phases.filter(({ touches }) => touches !== true).flatMap(({ steps }) => steps);
  if (preparing.every(({ id }) => states.get(id) === 'done')) return;
  const names = dead.join(',');
  throw new Failure({
    reason: 'not-prepared',
    what: `${left.id} had not stopped anything yet: there is nothing to go on with without ${names}`,
    next: `kubectl etcd operation rollback ${left.id} --dead ${names}; then restore anew, with --dead ${names}`,
    exit: exitCode.refused,
  });
}

/** The data that was built knows all members of the plan: a majority of them has to be there for it to serve, and to let the others go. */
function assertQuorum(plan: Plan, living: readonly string[], dead: readonly string[], states: States): void {
  const removed = allSteps(plan).flatMap(({ id, does }) =>
    does.kind === 'remove-members' && states.get(id) === 'done' ? does.members : [],
  );
  const members = identityOf(plan).length - removed.length;
  if (living.length >= Math.floor(members / 2) + 1) return;
  const names = dead.join(',');
  throw new Failure({
    reason: 'no-quorum-left',
    what: `without ${dead.join(', ')} the new cluster has no quorum: it has ${members} members`,
    next: [
      `kubectl etcd operation rollback ${plan.id} --dead ${names}`,
      `then restore anew: --nodes ${living.join(',')} --dead ${names}`,
    ].join('\n'),
    exit: exitCode.refused,
  });
}

/** Of the new cluster, as it was built. */
function identityOf(plan: Plan): readonly Named[] {
  for (const { does } of allSteps(plan)) if (does.kind === 'build') return does.identity.members;
  return [];
}

function membersOf(plan: Plan, nodes: readonly string[]): Named[] {
  return allSteps(plan).flatMap(({ node, does }) => {
    if (does.kind !== 'build' || !nodes.includes(node)) return [];
    return does.identity.members.filter(({ name }) => name === does.name);
  });
}

/** A check, or a cure, of those that are left. */
function withoutMembers(does: Step, gone: readonly Named[]): StepOf<'check'> | StepOf<'cure'> | undefined {
  if (does.kind !== 'check' && does.kind !== 'cure') return undefined;
  const names = new Set(gone.map(({ name }) => name));
  const endpoints = does.endpoints.filter(({ name }) => !names.has(name));
  if (does.kind === 'cure') return { ...does, endpoints };
  const members = does.identity.members.filter(({ name }) => !names.has(name));
  return { ...does, endpoints, identity: { ...does.identity, members } };
}

/** The step that starts the API server of a node, with the others of its control plane or without. */
function apiServerOn(plan: Plan, node: string): StepOf<'start'> | undefined {
  for (const { node: on, does } of allSteps(plan))
    if (on === node && does.kind === 'start' && does.apiServer !== undefined)
      return { ...does, workloads: does.workloads.filter(({ component }) => component === 'kube-apiserver') };
  return undefined;
}

function hasStepOn(plan: Plan, name: string, nodes: readonly string[]): boolean {
  return plan.phases.some((phase) => phase.name === name && phase.steps.some(({ node }) => nodes.includes(node)));
}

/** With the phases for what is new, where they belong: the fence before anything is started, the removal before the check. */
function withPhases({ phases }: Plan): Phase[] {
  const has = (name: string) => phases.some((phase) => phase.name === name);
  return phases.flatMap((phase) => [
    ...(phase.name === 'start-etcd' && !has('fence')
      ? [{ name: 'fence', what: 'those that are gone may not run etcd when they come back', touches: true, steps: [] }]
      : []),
    ...(phase.name === 'check' && !has('remove-members')
      ? [{ name: 'remove-members', what: 'those that are gone leave the new cluster', touches: true, steps: [] }]
      : []),
    phase,
  ]);
}

function aftermathOfDead(node: string) {
  return {
    what: `${node} was declared dead in the middle, and is fenced: when it comes back its agent stops etcd and API server, and leaves its data as it is`,
    next: `kubectl etcd member rejoin ${node}`,
  };
}
