/**
 * What `kubectl etcd status -o json` prints: a contract with scripts. Fields are never renamed or removed, only added; what is not known is
 * null rather than absent, so that a misspelt field does not look like an unknown one.
 */
import type { ExitCode } from '../../core/failure.ts';
import { exitCode } from '../../core/failure.ts';

/**
 * About etcd alone: agents that are missing or of another version are named among the problems and change nothing here, as the cluster
 * serves as well without them. `unknown` where no member gave the list, and what the agents saw does not prove that the quorum is lost.
 */
export type Health = 'healthy' | 'degraded' | 'quorum-lost' | 'unknown';

export interface StatusDocument {
  readonly health: Health;
  readonly cluster: { readonly name: string; readonly uid: string | null; readonly etcdClusterId: string | null };
  /** Null where the members are not known. */
  readonly quorum: Quorum | null;
  /** In the order of their nodes' names. */
  readonly members: readonly MemberRow[];
  readonly nodes: readonly NodeRow[];
  readonly nodesWithoutMember: readonly string[];
  readonly agents: {
    readonly missing: readonly string[];
    readonly notReady: readonly string[];
    /** Other than the plugin's. */
    readonly otherVersion: readonly string[];
  };
  /** How the agents are reached when the API server cannot be. */
  readonly access: AccessView;
  /** The most urgent first. */
  readonly problems: readonly Problem[];
}

export interface AccessView {
  /** The access file by which the agents were reached; null where the way was another. */
  readonly file: { readonly path: string; readonly holder: string; readonly expiresAt: string } | null;
  /** Null where there is none, or nobody said. */
  readonly authorityExpiresAt: string | null;
  /** Control-plane nodes that cannot be reached without the API server; null where nobody said. */
  readonly notEnrolled: readonly string[] | null;
  /** The agents of enrolled nodes, as the one that answered sees them over the network; null where nobody said. */
  readonly agents: readonly AgentStanding[] | null;
}

export interface AgentStanding {
  readonly node: string;
  /** Whether the others get through to it without the API server. */
  readonly reached: boolean;
  readonly certificateExpiresAt: string | null;
}

/** Counts voting members only: learners have no vote. */
export interface Quorum {
  readonly members: number;
  /** Half of the members and one more. */
  readonly needed: number;
  /** Answers, knows a leader, confirms reads, has no alarm and no error. */
  readonly healthy: number;
  /** Answers and knows a leader: a member with an alarm still votes. */
  readonly voting: number;
  /** How many of those that vote may be lost before nothing can be written. A member with a CORRUPT alarm is not counted on. */
  readonly canLose: number;
}

export interface MemberRow {
  /** Empty where the member was added and never started. */
  readonly name: string;
  readonly id: string | null;
  /** Null where its name and its addresses fit no node of the cluster. */
  readonly node: string | null;
  readonly endpoint: string | null;
  readonly peerUrls: readonly string[];
  readonly healthy: boolean;
  /** Its state in a few words; `healthy` when it is. */
  readonly status: string;
  readonly leader: boolean;
  readonly learner: boolean;
  readonly knowsLeader: boolean;
  readonly started: boolean;
  readonly version: string | null;
  readonly dbSizeBytes: number | null;
  readonly dbInUseBytes: number | null;
  readonly quotaBytes: number | null;
  readonly raftTerm: number | null;
  readonly raftIndex: number | null;
  readonly raftAppliedIndex: number | null;
  /** Raft entries by which what it has applied is behind the leader's log (without a leader, behind the longest log). */
  readonly lag: number | null;
  readonly revision: number | null;
  readonly readMs: number | null;
  /** Its own: etcd reports every alarm through every member. */
  readonly alarms: readonly string[];
  /** What it says of itself, or why it did not answer. */
  readonly errors: readonly string[];
  readonly agent: NodeAgent | null;
}

export interface NodeAgent {
  readonly pod: string;
  readonly ready: boolean;
  readonly version: string | null;
  /** Why it is not ready. */
  readonly reason: string | null;
}

export interface NodeRow {
  readonly name: string;
  readonly controlPlane: boolean;
  readonly memberId: string | null;
  readonly agent: NodeAgent | null;
}

export interface Problem {
  readonly node: string | null;
  readonly what: string;
  /** What to do, best as a command that can be pasted. */
  readonly next: string | null;
}

/** 0 healthy, 3 degraded, 4 quorum lost, 1 where nobody could tell. */
export function exitCodeOfHealth(health: Health): ExitCode {
  switch (health) {
    case 'healthy':
      return exitCode.done;
    case 'degraded':
      return exitCode.degraded;
    case 'quorum-lost':
      return exitCode.quorumLost;
    case 'unknown':
      return exitCode.failed;
  }
}
