/** From what was observed to the plan of a renewal, or to the reason why there is none. Pure: the same facts give the same plan. */
import { clientNames, clientProfile, memberProfile } from '../../core/operation/certificate-profile.ts';
import type { CertificateReport } from '../../core/examination/messages.ts';
import { exitCode, Failure } from '../../core/failure.ts';
import type { NodeSurvey } from '../../core/operation/messages.ts';
import type { Phase, Plan } from '../../core/operation/plan.ts';
import type { Step, StepOf, Workload } from '../../core/operation/steps.ts';
import { examined, factsOf } from '../doctor/facts.ts';
import type { ExaminedNode, Facts } from '../doctor/facts.ts';
import type { Observation } from '../doctor/observation.ts';
import { isApiServer, isEtcd, phaseOf, placed, touching } from '../operation/plan-parts.ts';
import { isAuthority } from './judge.ts';

export interface RenewFacts {
  readonly id: string;
  readonly now: Date;
  readonly by: string;
  readonly observation: Observation;
  readonly surveys: readonly NodeSurvey[];
  /** The one node that was named; all where undefined. */
  readonly only: string | undefined;
}

/** An API server that ends by itself lets go of its clients in good order; it has another to take its place. */
const graceSeconds = 5;

interface Renewed {
  readonly node: ExaminedNode;
  readonly survey: NodeSurvey;
  readonly pairs: StepOf<'issue-certificates'>['pairs'];
  readonly exchanged: StepOf<'exchange-certificates'>['pairs'];
}

/**
 * One node after the other while there is a quorum, those whose member is down first and the leader last; all at once where there is none: members whose
 * certificates have expired refuse each other, and none can come back alone.
 * @throws {Failure} exit code 5: nothing was touched.
 */
export function planRenew(facts: RenewFacts): Plan {
  const { id, now, by, observation, only } = facts;
  const seen = factsOf(observation);
  const nodes = renewedNodes(facts, seen);
  const names = nodes.map(({ node }) => node.name);
  const rolling = seen.quorum === 'kept';
  if (rolling) assertSpare(nodes, seen);
  const left = observation.nodes.filter(({ name }) => only === undefined && !names.includes(name));
  const { name, uid } = observation.cluster;
  return {
    format: 1,
    id,
    kind: 'certs-renew',
    title: `renew the certificates of etcd on ${names.toSorted().join(', ')}`,
    cluster: { name, ...(uid === undefined ? {} : { uid }) },
    createdAt: now.toISOString(),
    by,
    nodes: names.toSorted(),
    phases: [
      phaseOf(
        'prepare',
        'new keys and certificates, from the authority on the node, beside the old ones',
        nodes.map(({ node, pairs }) => ({ node: node.name, does: { kind: 'issue-certificates', pairs: [...pairs] } })),
      ),
      ...(rolling ? oneByOne(facts, nodes, seen) : allAtOnce(facts, nodes, seen)),
    ],
    aftermath: left.map(({ name: node }) => ({
      what: `${node} was not reached, and has its old certificates`,
      next: `when it is back: kubectl etcd certs renew ${node}`,
    })),
  };
}

function oneByOne({ id }: RenewFacts, nodes: readonly Renewed[], seen: Facts): Phase[] {
  return nodes.map((renewed, at) => {
    const { node } = renewed;
    return phaseOf(
      `renew-${at + 1}`,
      'etcd and API server are stopped, the certificates exchanged; both started, and waited for',
      [
        ...stopAndExchange(id, renewed),
        ...start(id, renewed, isEtcd),
        { kind: 'settle' as const, endpoints: endpointsOf(nodes.slice(0, at + 1), seen) },
        ...start(id, renewed, isApiServer, 'wait'),
      ].map((does) => ({ node: node.name, does })),
      touching,
    );
  });
}

function allAtOnce({ id, observation }: RenewFacts, nodes: readonly Renewed[], seen: Facts): Phase[] {
  const each = (stepsOf: (renewed: Renewed) => readonly Step[]) =>
    nodes.flatMap((renewed) => stepsOf(renewed).map((does) => ({ node: renewed.node.name, does })));
  // Too few of them: etcd will not serve, and whoever waits for that waits in vain.
  const serves = nodes.length >= (seen.main === undefined ? Math.floor(observation.nodes.length / 2) + 1 : seen.needed);
  const endpoints = endpointsOf(nodes, seen);
  return [
    phaseOf(
      'exchange',
      'etcd and API server are stopped, the certificates exchanged',
      each((renewed) => stopAndExchange(id, renewed)),
      touching,
    ),
    phaseOf(
      'start-etcd',
      'etcd, on all of them',
      each((renewed) => start(id, renewed, isEtcd)),
      touching,
    ),
    ...(serves
      ? [
          phaseOf(
            'settle',
            'until the members serve',
            nodes.slice(0, 1).map(({ node }) => ({ node: node.name, does: { kind: 'settle', endpoints } })),
            touching,
          ),
        ]
      : []),
    phaseOf(
      'start-api-server',
      'API servers',
      each((renewed) => start(id, renewed, isApiServer, serves ? 'wait' : undefined)),
      touching,
    ),
  ].filter(({ steps }) => steps.length > 0);
}

function stopAndExchange(id: string, { survey, exchanged }: Renewed): Step[] {
  const workloads = survey.workloads
    .filter((each) => isEtcd(each) || isApiServer(each))
    .map((each) => placed(id, each));
  return [
    { kind: 'stop', workloads, graceSeconds, startsAgain: true },
    { kind: 'exchange-certificates', pairs: [...exchanged] },
  ];
}

function start(id: string, { survey }: Renewed, which: (workload: Workload) => boolean, wait?: 'wait'): Step[] {
  const workloads = survey.workloads.filter(which).map((each) => placed(id, each));
  if (workloads.length === 0) return [];
  const { apiServer } = survey;
  return [{ kind: 'start', workloads, ...(wait !== undefined && apiServer !== undefined ? { apiServer } : {}) }];
}

/** Members that serve now, and those that have been renewed by then. */
function endpointsOf(done: readonly Renewed[], { members }: Facts): StepOf<'settle'>['endpoints'] {
  const listed = members
    .filter(
      ({ learner, node, status }) => !learner && (status !== undefined || done.some((each) => each.node.name === node)),
    )
    .flatMap(({ name, clientUrls: [url] }) => (url === undefined ? [] : [{ name, url }]));
  if (listed.length > 0) return listed;
  // Nobody gave a list: what the manifests say.
  return done.flatMap(({ survey: { etcd } }) =>
    etcd === undefined ? [] : [{ name: etcd.name, url: etcd.advertisedClientUrls[0] ?? etcd.clientUrl }],
  );
}

/** In the order in which they are renewed. @throws {Failure} */
function renewedNodes({ observation, surveys, only }: RenewFacts, seen: Facts): Renewed[] {
  const wanted = observation.nodes.filter(({ name }) => only === undefined || name === only);
  if (wanted.length === 0)
    throw refused('unknown-node', `there is no control-plane node "${only ?? ''}"`, {
      next: `one of: ${observation.nodes.map(({ name }) => name).join(', ')}`,
      exit: exitCode.usage,
    });
  const found = wanted.flatMap(({ name }): Renewed[] => {
    const node = examined(observation).find((each) => each.name === name);
    const survey = surveys.find((each) => each.node === name);
    if (node === undefined || survey === undefined) {
      // Without a quorum those that are there are mended, and the others when they come back.
      if (only === undefined && seen.quorum !== 'kept') return [];
      throw notReached(name, only);
    }
    return [renewedNode(node, survey)];
  });
  if (found.length === 0) throw notReached(wanted[0]?.name ?? '', only);
  return found.sort((one, other) => rank(one, seen) - rank(other, seen));
}

/** Members that are down first, as they can only gain; the leader last, as each loss of it is an election. */
function rank({ node }: Renewed, { members }: Facts): number {
  const member = members.find((each) => each.node === node.name);
  if (member?.status === undefined) return 0;
  return member.status.leader === member.id ? 2 : 1;
}

function renewedNode(node: ExaminedNode, survey: NodeSurvey): Renewed {
  const { examination, name } = node;
  const { certificates, etcd, noEtcd, fencedBy, openOperation } = examination;
  if (openOperation !== undefined)
    throw refused('operation-open', `the operation ${openOperation.id} is not finished`, {
      node: name,
      why: openOperation.title,
      next: `kubectl etcd operation show ${openOperation.id}; then resume, rollback or abandon it`,
    });
  if (fencedBy !== undefined)
    throw refused('node-fenced', `fenced by ${fencedBy}: its etcd is not to run`, { node: name });
  if (etcd === undefined)
    throw refused(noEtcd?.reason ?? 'etcd-not-found', noEtcd?.what ?? 'there is no etcd', {
      node: name,
      why: noEtcd?.why,
    });
  const leaves = certificates.filter(({ role, keyFile }) => !isAuthority(role) && keyFile !== undefined);
  if (leaves.length === 0)
    throw refused('nothing-to-renew', 'etcd speaks no TLS here, so it has no certificates', {
      node: name,
      next: 'nothing was touched; kubectl etcd certs check shows what there is',
    });
  const pairs = new Map<string, Renewed['pairs'][number]>();
  for (const report of leaves) {
    const pair = pairOf(report, node);
    const known = [...pairs.values()].find(({ keyFile }) => keyFile === pair.keyFile);
    if (known !== undefined && known.certFile !== pair.certFile)
      throw refused('certificate-shares-key', `${known.certFile} and ${pair.certFile} have one key, ${pair.keyFile}`, {
        node: name,
        next: 'give each a key of its own, or renew them as they were made',
      });
    // One pair may serve several purposes: it is renewed once.
    if (known === undefined) pairs.set(pair.certFile, pair);
  }
  return {
    ...{ node, survey },
    pairs: [...pairs.values()],
    exchanged: [...pairs.values()].map(({ certFile, keyFile }) => {
      const report = leaves.find(({ file }) => file === certFile);
      return {
        ...{ certFile, keyFile },
        hadCert: report?.problem?.reason !== 'host-file-missing',
        hadKey: report?.hasKey === true,
      };
    }),
  };
}

function pairOf(
  { role, file, keyFile = '' }: CertificateReport,
  { name, examination }: ExaminedNode,
): Renewed['pairs'][number] {
  const { certificates, etcd } = examination;
  const own = role === 'etcd-peer' ? certificates.find((each) => each.role === 'etcd-peer-ca') : undefined;
  const authority = own ?? certificates.find((each) => each.role === 'etcd-ca');
  if (authority?.keyFile === undefined || authority.facts?.key !== 'matches')
    throw refused('authority-unusable', "no certificate can be issued from etcd's authority", {
      node: name,
      why: authorityProblem(authority),
      next: `bring etcd's ca.crt and ca.key to the node, as kubeadm has them in /etc/kubernetes/pki/etcd; or renew the certificates where the authority is`,
    });
  const hosts = hostsOf([...(etcd?.advertisedClientUrls ?? []), ...(etcd?.peerUrls ?? [])]);
  return {
    ...{ certFile: file, keyFile, authority: { certFile: authority.file, keyFile: authority.keyFile } },
    profile:
      role === 'etcd-healthcheck-client' || role === 'apiserver-etcd-client'
        ? clientProfile(clientNames[role === 'apiserver-etcd-client' ? role : 'healthcheck-client'])
        : memberProfile(name, hosts),
  };
}

function authorityProblem(authority: CertificateReport | undefined): string {
  if (authority === undefined) return 'etcd is told of none: --trusted-ca-file is not set';
  if (authority.problem !== undefined) return authority.problem.why ?? authority.problem.what;
  if (authority.keyFile === undefined) return `there is no key beside ${authority.file}`;
  return `${authority.keyFile} is not the key of ${authority.file}`;
}

/** A node's etcd may be stopped where the others are a quorum without it. With one or two members they never are, and that is known. */
function assertSpare(nodes: readonly Renewed[], { voters, needed, members }: Facts): void {
  if (voters < 3) return;
  let alive = members.filter(({ learner, status }) => !learner && status !== undefined).length;
  for (const { node } of nodes) {
    const member = members.find((each) => each.node === node.name);
    // One that is down is waited for before the next is stopped.
    if (member === undefined || member.learner) continue;
    if (member.status === undefined) alive += 1;
    else if (alive - 1 < needed)
      throw refused(
        'no-member-to-spare',
        `without ${node.name} there would be no quorum: ${alive} of ${voters} members answer, ${needed} are needed`,
        {
          node: node.name,
          next: 'bring back the member that is down first: kubectl etcd doctor',
        },
      );
  }
}

function notReached(node: string, only: string | undefined): Failure {
  return refused('node-not-reached', 'its agent does not answer', {
    node,
    next:
      only === undefined
        ? 'bring it back, or renew node by node: kubectl etcd certs renew NODE'
        : 'kubectl etcd doctor',
  });
}

function refused(reason: string, what: string, more: Partial<ConstructorParameters<typeof Failure>[0]>): Failure {
  return new Failure({ reason, what, exit: exitCode.refused, ...more });
}

function hostsOf(urls: readonly string[]): string[] {
  return [...new Set(urls.map((url) => new URL(url).hostname.replace(/^\[|\]$/g, '')))];
}
