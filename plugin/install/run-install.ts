import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode, Failure } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { AgentReport } from '../../core/protocol/messages.ts';
import { programVersion } from '../../core/version.ts';
import { enrolAndSave } from '../access/enrol-and-save.ts';
import type { EnrolledAndSaved } from '../access/enrol-and-save.ts';
import { lifeFlag } from '../access/life-flag.ts';
import { apiServerOf } from '../cluster/api-server.ts';
import { Cluster } from '../cluster/cluster.ts';
import { loadKubeConfig } from '../cluster/connection.ts';
import type { ConnectionFlags } from '../cluster/connection.ts';
import { reachOf } from '../cluster/reach-through-api.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import type { NodeView, Reach } from '../link/reach.ts';
import { Progress } from '../report/progress.ts';
import { renderTable } from '../report/table.ts';
import { reportsFrom } from '../status/observe.ts';
import { checkedClusterName, installationObjects, templateIn } from './objects.ts';
import { portFlag } from './port-flag.ts';
import { timeoutFlag } from './timeout-flag.ts';

const lookEveryMs = 500;

export interface InstallFlags extends ConnectionFlags {
  readonly name?: string;
  readonly image?: string;
  readonly port?: string;
  readonly life: string;
  readonly timeout: string;
}

/**
 * Applies manifests/, waits until the agent of every control-plane node answers, gives all of them the installation's authority, and whoever
 * installs an access file; says what each agent found.
 */
export async function runInstall(options: {
  readonly flags: InstallFlags;
  readonly surroundings: Surroundings;
}): Promise<ExitCode> {
  const { flags, surroundings } = options;
  const { terminal, signal } = surroundings;
  const timeoutMs = timeoutFlag(flags.timeout);
  const lifeSeconds = lifeFlag(flags.life);
  const port = flags.port === undefined ? undefined : portFlag(flags.port);
  if (flags.name !== undefined) checkedClusterName(flags.name);
  const config = loadKubeConfig(flags, surroundings.environment);
  const cluster = new Cluster(config, signal);
  using progress = new Progress(terminal, 'reaching the API server');

  const { nodes, uid } = await cluster.discover();
  if (nodes.length === 0) throw noControlPlane();
  const clusterName = checkedClusterName(
    flags.name ?? (await cluster.installedName()) ?? defaultName(config.getCurrentCluster()?.name, uid),
  );

  progress.state(`installing the agents of ${clusterName} ${programVersion} on ${nodes.length} control-plane nodes`);
  const objects = installationObjects({ clusterName, image: flags.image, port });
  for (const object of objects) await cluster.apply(object);
  const template = templateIn(objects);
  const { reach, reports } = await waitForAgents({ cluster, template, progress, timeoutMs, signal });
  progress.wait('enrolling the nodes');
  const apiServer = apiServerOf(config);
  const access = await enrolAndSave({ reach, clusterName, apiServer, lifeSeconds, signal });
  progress.end();

  const answering = reach.nodes.filter((node) => isAgent(reports.get(node.name)));
  terminal.print(`${clusterName}: ${answering.length} of ${reach.nodes.length} agents answer\n\n`);
  terminal.print(
    nodeTable(reach, reports)
      .map((line) => `${line}\n`)
      .join(''),
  );
  for (const [node, report] of reports)
    if (isAgent(report)) for (const warning of report.warnings ?? []) terminal.note(`warning: ${node}: ${warning}`);
  for (const [node, { what, why }] of access.failures)
    terminal.note(
      `warning: ${node}: cannot be reached without the API server: ${[what, why].filter(Boolean).join(': ')}`,
    );
  const complete = answering.length === reach.nodes.length && access.failures.size === 0;
  terminal.note(`\n${accessLine(access)}`);
  terminal.note(
    complete
      ? 'Whoever holds it, or may exec into the pods of the namespace kubectl-etcd, is root on the control plane.\nNext: kubectl etcd status'
      : 'Next: kubectl -n kubectl-etcd get pods -o wide; kubectl -n kubectl-etcd describe pods; then install again',
  );
  return complete ? exitCode.done : exitCode.degraded;
}

function accessLine({ file, written, enrolled }: EnrolledAndSaved): string {
  const { path, access } = file;
  const until = access.expiresAt.slice(0, 10);
  return `${written ? 'Wrote' : 'Kept'} ${path}: the way to ${enrolled.join(', ')} while the API server is down, good until ${until}.`;
}

interface Agents {
  readonly reach: Reach;
  readonly reports: ReadonlyMap<string, AgentReport | Failure>;
}

/** Until all answer in the version that was installed, or the time is up: then as far as it has come. */
async function waitForAgents(options: {
  readonly cluster: Cluster;
  readonly template: string | undefined;
  readonly progress: Progress;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}): Promise<Agents> {
  const { cluster, template, progress, timeoutMs, signal } = options;
  const endMs = performance.now() + timeoutMs;
  const answered = new Map<string, AgentReport | Failure>();
  const podOf = new Map<string, string | undefined>();
  for (;;) {
    const rolledOut = await cluster.isRolledOut();
    const reach = reachOf(cluster, await cluster.discover());
    for (const { name, agent } of reach.nodes) {
      // What a pod has said says nothing of the one that has replaced it.
      if (podOf.get(name) !== agent?.pod) answered.delete(name);
      podOf.set(name, agent?.pod);
    }
    const asked = reach.nodes.filter((node) => isCurrent(node, template) && !isAgent(answered.get(node.name)));
    for (const [node, report] of await reportsFrom(reach, asked, signal)) {
      answered.set(node, report);
      if (isAgent(report)) progress.state(`${node}: the agent answers`);
    }
    const waiting = reach.nodes.filter((node) => !isAgent(answered.get(node.name)));
    if ((waiting.length === 0 && rolledOut) || performance.now() > endMs) return { reach, reports: answered };
    const names = waiting.map((node) => `${node.name}${reasonOf(node)}`).join(', ');
    progress.wait(names === '' ? 'waiting for the last agents to be replaced' : `waiting for the agents of ${names}`);
    await sleep(lookEveryMs, undefined, { signal });
  }
}

/** Not one of an earlier installation, which answers as well until it is replaced. */
function isCurrent({ agent }: NodeView, template: string | undefined): boolean {
  return agent?.ready === true && agent.version === programVersion && agent.template === template;
}

function isAgent(report: AgentReport | Failure | undefined): report is AgentReport {
  return report !== undefined && !(report instanceof Failure);
}

function reasonOf({ agent }: NodeView): string {
  return agent?.reason === undefined ? '' : ` (${agent.reason})`;
}

function nodeTable(reach: Reach, reports: Agents['reports']): string[] {
  return renderTable<NodeView>(
    [
      { header: 'NODE', cell: ({ name }) => name },
      { header: 'AGENT', cell: (node) => agentCell(node, reports.get(node.name)) },
      { header: 'ETCD', cell: ({ name }) => etcdCell(reports.get(name)) },
    ],
    reach.nodes,
  );
}

function agentCell(node: NodeView, report: AgentReport | Failure | undefined): string {
  if (isAgent(report)) return report.version;
  const { agent } = node;
  if (agent === undefined) return 'no pod';
  // What Kubernetes says of the pod explains more than that nobody answers in it.
  if (agent.reason !== undefined) return agent.reason;
  return report === undefined
    ? 'still that of an earlier installation'
    : [report.what, report.why].filter(Boolean).join(': ');
}

function etcdCell(report: AgentReport | Failure | undefined): string {
  if (!isAgent(report)) return '';
  if (report.etcd !== undefined) return `${report.etcd.name}, ${report.etcd.host}, ${report.etcd.source}`;
  return report.noEtcd === undefined ? '' : [report.noEtcd.what, report.noEtcd.why].filter(Boolean).join(': ');
}

/** kubeadm calls every cluster "kubernetes", which names none: then part of the UID goes with it. */
function defaultName(inKubeconfig: string | undefined, uid: string): string {
  const name =
    inKubeconfig
      ?.replace(/[^-A-Za-z0-9.]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '')
      .slice(0, 50) ?? '';
  return name === '' || name === 'kubernetes' ? `kubernetes-${uid.slice(0, 8)}` : name;
}

function noControlPlane(): Failure {
  return new Failure({
    reason: 'no-control-plane-nodes',
    what: 'the cluster has no control-plane nodes that Kubernetes knows of',
    why: 'no node carries node-role.kubernetes.io/control-plane or node-role.kubernetes.io/master; managed clusters hide theirs',
    next: 'etcd of a managed cluster is in the hands of its provider; else label the nodes that run etcd',
    exit: exitCode.refused,
  });
}
