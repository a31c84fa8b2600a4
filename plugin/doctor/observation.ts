import type { AccessState } from '../../core/access/messages.ts';
import type { KeySpaceHash, NodeExamination } from '../../core/examination/messages.ts';
import type { Failure } from '../../core/failure.ts';
import type { MembersReply } from '../../core/protocol/messages.ts';
import type { Reach } from '../link/reach.ts';

/** How far a node's clock is ahead of ours, and how wrong that may be: half of the time that the request was under way. */
export interface ClockOffset {
  readonly aheadMs: number;
  readonly withinMs: number;
}

export interface ObservedNode {
  readonly name: string;
  /** IP addresses and host names, as the cluster knows them. */
  readonly addresses: readonly string[];
  /** What its agent says of it, or why it does not. */
  readonly examination: NodeExamination | Failure;
  /** All members as its member lists them, each asked from here. */
  readonly seen?: MembersReply | Failure | undefined;
  readonly access?: AccessState | undefined;
  readonly clock?: ClockOffset | undefined;
  readonly hash?: KeySpaceHash | undefined;
  /** Of the agent; absent where nobody said. */
  readonly agentVersion?: string | undefined;
}

/** All that was looked at: the rules know nothing else. */
export interface Observation {
  readonly cluster: { readonly name: string; readonly uid: string | undefined };
  /** The control-plane nodes. */
  readonly nodes: readonly ObservedNode[];
  /** The access file that led there. */
  readonly accessFile?: Reach['access'];
  /** Whether this is a cluster that should be reachable without its API server; one of the local mode has none. */
  readonly expectsEnrolment: boolean;
  readonly nowMs: number;
  readonly pluginVersion: string;
}
