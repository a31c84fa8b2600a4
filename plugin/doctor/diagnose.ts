import type { ExitCode } from '../../core/failure.ts';
import { factsOf } from './facts.ts';
import { byUrgency, exitCodeOf } from './finding.ts';
import type { Finding, Rule } from './finding.ts';
import type { Observation } from './observation.ts';
import { apiServerTrusts, authoritiesDiffer, certificateTroubles } from './rules/certificates.ts';
import { alarms, diskNearlyFull, hashesDiffer, quotaNearlyFull } from './rules/data.ts';
import { apiServerNotReady, copyLeft, forceLeft, unreadableManifest, wouldBeAlone } from './rules/manifests.ts';
import { cutOff, evenNumber, memberDown, neverStarted, readsUnconfirmed, stillLearner } from './rules/members.ts';
import {
  addressesDiffer,
  clusterOfItsOwn,
  listsDiffer,
  nodeWithoutMember,
  onNoNode,
  serversGone,
  upgradeTrap,
} from './rules/membership.ts';
import { noLeader, quorumLost, quorumUnknown } from './rules/quorum.ts';
import { clocksDiffer, slowDisk } from './rules/speed.ts';
import { access, agentSilent, agentWarnings, fenced, operationOpen, otherVersions, snapshots } from './rules/upkeep.ts';

/** What `kubectl etcd doctor -o json` prints. Fields are only ever added. */
export interface Diagnosis {
  readonly cluster: { readonly name: string; readonly uid: string | null; readonly etcdClusterId: string | null };
  readonly quorum: {
    readonly state: string;
    readonly voters: number;
    readonly needed: number;
    readonly voting: number;
  };
  readonly critical: number;
  readonly warnings: number;
  readonly infos: number;
  readonly findings: readonly Finding[];
}

/** Within a severity they are shown in this order: what decides comes first, what is only good to know last. */
const rules: readonly Rule[] = [
  ...[quorumLost, noLeader, quorumUnknown, clusterOfItsOwn, alarms, hashesDiffer, memberDown, forceLeft],
  ...[operationOpen, certificateTroubles, authoritiesDiffer, apiServerTrusts, diskNearlyFull, quotaNearlyFull],
  ...[
    fenced,
    neverStarted,
    stillLearner,
    listsDiffer,
    nodeWithoutMember,
    onNoNode,
    addressesDiffer,
    readsUnconfirmed,
    cutOff,
  ],
  ...[apiServerNotReady, serversGone, copyLeft, unreadableManifest, clocksDiffer, slowDisk, evenNumber],
  ...[agentSilent, otherVersions, agentWarnings, access, wouldBeAlone, upgradeTrap, snapshots],
];

/** What the observations come to. Pure: the same observation gives the same diagnosis. */
export function diagnose(observation: Observation): { readonly diagnosis: Diagnosis; readonly exit: ExitCode } {
  const findings = byUrgency(rules.flatMap((rule) => rule(observation)));
  const { main, quorum, voters, needed, voting } = factsOf(observation);
  const count = (severity: Finding['severity']) => findings.filter((each) => each.severity === severity).length;
  const { name, uid } = observation.cluster;
  return {
    diagnosis: {
      cluster: { name, uid: uid ?? null, etcdClusterId: main?.id ?? null },
      quorum: { state: quorum, voters, needed, voting },
      critical: count('critical'),
      warnings: count('warning'),
      infos: count('info'),
      findings,
    },
    exit: exitCodeOf(findings),
  };
}
