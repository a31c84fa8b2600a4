/** What "the lab is up" means: asked of the cluster itself, never concluded from what was started. */
import { request } from 'node:https';
import { array, boolean, looseObject, optional, string } from 'valibot';
import { decodeJson } from '../../core/protocol/decode.ts';
import { until } from './command.ts';
import { onNode } from './machine.ts';
import { apiServerPort } from './where.ts';
import type { Node } from './where.ts';

/** What is wrong with the cluster, as clauses; empty when all is well. Answers within about 3 s, also on a cluster that does not. */
export async function ailments(nodes: readonly Node[]): Promise<readonly string[]> {
  const servers = await Promise.all(nodes.map((node) => apiServerAilment(node)));
  const found = servers.filter((ailment) => ailment !== undefined);
  return found.length > 0 ? found : await etcdAilments(nodes);
}

/** Waits until every API server is ready and every etcd member is healthy and in the cluster. */
export async function untilHealthy(nodes: readonly Node[], options: { readonly timeoutMs: number }): Promise<void> {
  await until(
    'the cluster to be healthy',
    async () => {
      const found = await ailments(nodes);
      return found.length === 0 ? true : found.join('; ');
    },
    { ...options, next: 'hack/lab on NODE journalctl -u kubelet says more; hack/lab down && hack/lab up starts anew' },
  );
}

/** Waits until the controllers and the scheduler of this cluster's current life have their leaders: before that no pod is scheduled. */
export async function untilScheduling(nodes: readonly Node[], options: { readonly timeoutMs: number }): Promise<void> {
  const [first] = nodes;
  if (first === undefined) return;
  await until(
    'the controllers and the scheduler to lead',
    async () => {
      const { stdout, code } = await onNode(
        first,
        [...kubectlOnNode, '-n', 'kube-system', 'get', 'leases', '-o', 'name'],
        { timeoutMs: 5000 },
      );
      const missing = leaders.filter((name) => !stdout.includes(`/${name}\n`));
      return code === 0 && missing.length === 0 ? true : `no lease of ${missing.join(', ')}`;
    },
    options,
  );
}

/** The leases by which the control plane elects; a frozen cluster keeps none, see ready-cluster.ts. */
export const leaders = ['kube-controller-manager', 'kube-scheduler'] as const;

export const kubectlOnNode = ['kubectl', '--kubeconfig=/etc/kubernetes/admin.conf', '--request-timeout=4s'] as const;

/** etcdctl on a node, with the certificates that kubeadm made; add `--endpoints` and the command. */
export const etcdctlOnNode = [
  ...['env', 'ETCDCTL_API=3', '/opt/lab/etcdctl', '--cacert=/etc/kubernetes/pki/etcd/ca.crt'],
  ...['--cert=/etc/kubernetes/pki/etcd/server.crt', '--key=/etc/kubernetes/pki/etcd/server.key'],
] as const;

/** What is wrong with the API server of a node, as a clause; undefined where it is ready. Waits at most `timeoutMs` for a byte. */
export async function apiServerAilment(node: Node, timeoutMs = 3000): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const broken = (why: string): void => resolve(`${node.name}: API server ${why}`);
    // readiness is no secret and proves no identity: the certificate is not checked
    const options = {
      host: node.address,
      port: apiServerPort,
      path: '/readyz',
      rejectUnauthorized: false,
      agent: false,
      timeout: timeoutMs,
    };
    const asked = request(options, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve(undefined);
      else broken(`is not ready (${response.statusCode ?? 0})`);
    });
    asked.once('timeout', () => asked.destroy(new Error('does not answer')));
    asked.once('error', (error) => broken(`does not answer (${error.message})`));
    asked.end();
  });
}

const healths = array(looseObject({ endpoint: string(), health: boolean(), error: optional(string()) }));
const memberList = looseObject({ members: array(looseObject({ name: optional(string()) })) });

async function etcdAilments(nodes: readonly Node[]): Promise<readonly string[]> {
  const [first] = nodes;
  if (first === undefined) return ['there is no node'];
  const endpoints = `--endpoints=${nodes.map(({ address }) => `https://${address}:2379`).join(',')}`;
  const etcdctl = async (...argv: readonly string[]): Promise<string> =>
    (
      await onNode(first, [...etcdctlOnNode, endpoints, '--command-timeout=3s', '-w', 'json', ...argv], {
        timeoutMs: 8000,
      })
    ).stdout;
  const [health, members] = await Promise.all([etcdctl('endpoint', 'health'), etcdctl('member', 'list')]);
  if (health === '' || members === '') return ['etcd does not answer'];
  const sick = decodeJson(healths, health, { what: 'etcdctl endpoint health' }).filter((endpoint) => !endpoint.health);
  const named = decodeJson(memberList, members, { what: 'etcdctl member list' }).members.map(({ name }) => name);
  const absent = nodes.filter(({ name }) => !named.includes(name));
  return [
    ...sick.map(({ endpoint, error }) => `etcd at ${endpoint} is not healthy (${error ?? 'no reason given'})`),
    ...absent.map(({ name }) => `${name} is no member of etcd`),
  ];
}
