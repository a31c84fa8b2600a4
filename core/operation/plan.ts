/**
 * What a person asked for, as data. The plan that is shown is the object that is executed, and the object that every agent keeps on its disk:
 * any plugin with access can take it up again from there.
 */
import * as v from 'valibot';
import { step } from './steps.ts';

const shortText = v.pipe(v.string(), v.maxLength(300));
const time = v.pipe(v.string(), v.isoTimestamp('it is no time'));
const word = v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/));

/** `r-7kq2m`: short enough to be typed at three in the morning. */
export const operationId = v.pipe(v.string(), v.regex(/^[a-z]-[0-9a-z]{4,16}$/, 'it is no id of an operation'));

/** One change on one node. */
export const placedStep = v.object({
  /** Within its plan: the place in the journals. */
  id: v.pipe(v.string(), v.maxLength(100)),
  node: shortText,
  does: step,
});
export type PlacedStep = v.InferOutput<typeof placedStep>;

/** A barrier: it begins when the phase before is done on all nodes. Steps on one node go one after the other, nodes beside each other. */
export const phase = v.object({
  name: word,
  /** For people: `API server, controller-manager, scheduler`. */
  what: shortText,
  steps: v.array(placedStep),
  /**
   * From its first step on there is no going back to what was: somebody may have read and written the new data, or a member has left the cluster
   * for good. Putting the old data back is a new operation then.
   */
  servesNewData: v.optional(v.boolean()),
  /** From its first step on something that ran is stopped: before it nothing has been touched. */
  touches: v.optional(v.boolean()),
});
export type Phase = v.InferOutput<typeof phase>;

export const plan = v.object({
  format: v.literal(1),
  id: operationId,
  /** Counted up when it goes on without a node that is gone for good: the highest counts. Absent for the one that was taken up first. */
  version: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  kind: v.picklist(['restore', 'recover', 'rejoin', 'replace', 'member-add', 'member-remove', 'certs-renew']),
  /** What `operation list` says: `restore demo-20261121T081500Z.db`. */
  title: shortText,
  cluster: v.object({ name: shortText, uid: v.optional(shortText) }),
  createdAt: time,
  /** `anna@laptop` */
  by: shortText,
  /** All that take part, in the order of their names: the order in which they are locked. */
  nodes: v.pipe(v.array(shortText), v.minLength(1)),
  /** Nodes of the cluster that are left out; absent where all take part. */
  leftOut: v.optional(v.array(v.object({ node: shortText, declaredDead: v.boolean() }))),
  phases: v.array(phase),
  /** What remains to be done by people when all of it is done: as sentences, each with the command that mends it. */
  aftermath: v.optional(
    v.array(v.object({ what: v.pipe(v.string(), v.maxLength(2000)), next: v.optional(v.string()) })),
  ),
});
export type Plan = v.InferOutput<typeof plan>;

/** Of two plans with one id the newer one counts. */
export function isNewer(one: Plan, other: Plan): boolean {
  return (one.version ?? 0) > (other.version ?? 0);
}

/** The steps of one node within a phase, in their order. */
export function stepsOn({ steps }: Phase, node: string): PlacedStep[] {
  return steps.filter((each) => each.node === node);
}

export function allSteps({ phases }: Plan): PlacedStep[] {
  return phases.flatMap(({ steps }) => steps);
}
