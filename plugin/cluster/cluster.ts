import { setTimeout as sleep } from 'node:timers/promises';
import { AppsV1Api, CoreV1Api, KubernetesObjectApi, PatchStrategy } from '@kubernetes/client-node';
import type { KubeConfig, KubernetesObject, V1Node, V1Pod } from '@kubernetes/client-node';
import type { ExecTarget } from '../link/exec-stream.ts';
import type { NodeView } from '../link/reach.ts';
import { apiFailure, isNotFound, noCredentials, requestTimeoutMs } from './api-failure.ts';
import { etcdDoesNotAnswer, saysEtcdFails } from './etcd-behind.ts';

export type { KubernetesObject };

export const agentNamespace = 'kubectl-etcd';
export const agentDaemonSet = 'kubectl-etcd-agent';
export const agentSelector = 'app.kubernetes.io/name=kubectl-etcd-agent';
/** On the agents' pods: read from the list of pods, so that no agent has to be asked. */
export const versionLabel = 'app.kubernetes.io/version';
/** Which pod template a pod was made from: tells those of an earlier installation from those of this one while they are being replaced. */
export const templateLabel = 'kubectl-etcd.io/template';
export const clusterNameAnnotation = 'kubectl-etcd.io/cluster-name';
const doubtAfterMs = 2_500;
const agentContainer = 'agent';
const bridgeCommand = ['/usr/local/bin/node', '/usr/local/lib/kubectl-etcd/kubectl-etcd-agent.cjs', 'bridge'];
/** Both names of the role: the first since Kubernetes 1.20, the second until 1.24. */
const controlPlaneLabels = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

export interface Discovered {
  /** The name given at install; absent where nothing is installed. */
  readonly name: string | undefined;
  /** The UID of the kube-system namespace: what a cluster is, through restores and renamings. */
  readonly uid: string;
  readonly nodes: readonly NodeView[];
}

/** The Kubernetes API, as far as the plugin uses it. Each call fails with a Failure that says what could not be done and why. */
export class Cluster {
  readonly config: KubeConfig;
  readonly server: string;
  /** Resolves when the first request goes out. A login that the kubeconfig asks for comes before that, and may take its time. */
  readonly asking: Promise<unknown>;
  readonly #core: CoreV1Api;

  /** Every request ends with `signal`, and after `requestTimeoutMs` at the latest. */
  constructor(config: KubeConfig, signal: AbortSignal) {
    this.config = config;
    this.server = config.getCurrentCluster()?.server ?? '';
    const authenticate = config.applySecurityAuthentication.bind(config);
    const asking = Promise.withResolvers<undefined>();
    this.asking = asking.promise;
    let login: Promise<void> | undefined;
    // The one place that sees every request of the generated client; it has no other way to pass a signal.
    config.applySecurityAuthentication = async (context) => {
      try {
        // Requests that begin together are not to log in each for itself: one does, and client-node keeps what it got.
        if (login === undefined) await (login = authenticate(context));
        else await login.then(() => authenticate(context));
      } catch (thrown) {
        throw noCredentials(thrown, this.server);
      }
      asking.resolve(undefined);
      context.setSignal(AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]));
    };
    this.#core = config.makeApiClient(CoreV1Api);
  }

  /**
   * Who this cluster is, its control-plane nodes and the agents on them: what every command begins with. Where etcd does not answer the API
   * server, that is said as soon as the API server says so, not when the requests time out.
   */
  async discover(): Promise<Discovered> {
    const answered = new AbortController();
    try {
      return await Promise.race([this.#look(), this.#silenceOfEtcd(answered.signal)]);
    } finally {
      answered.abort();
    }
  }

  /** Never resolves. */
  async #silenceOfEtcd(answered: AbortSignal): Promise<never> {
    await this.asking;
    await sleep(doubtAfterMs, undefined, { signal: answered });
    if (await saysEtcdFails(this.config, answered)) throw etcdDoesNotAnswer(this.server, 'its own check of etcd fails');
    return new Promise(() => undefined);
  }

  async #look(): Promise<Discovered> {
    const [uid, labelled, pods] = await Promise.all([
      this.uid(),
      this.#ask('list nodes', () =>
        Promise.all(controlPlaneLabels.map((labelSelector) => this.#core.listNode({ labelSelector }))),
      ),
      this.agentPods(),
    ]);
    const nodes = new Map(labelled.flatMap((list) => list.items).map((node) => [node.metadata?.name ?? '', node]));
    return {
      uid,
      name: pods.map((pod) => pod.metadata?.annotations?.[clusterNameAnnotation]).find((name) => name !== undefined),
      nodes: [...nodes]
        .map(([name, node]) => nodeView(name, node, pods))
        .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true })),
    };
  }

  async uid(): Promise<string> {
    const namespace = await this.#ask('get the namespace kube-system', () =>
      this.#core.readNamespace({ name: 'kube-system' }),
    );
    return namespace.metadata?.uid ?? '';
  }

  async agentPods(): Promise<V1Pod[]> {
    const list = await this.#ask(`list pods in the namespace ${agentNamespace}`, () =>
      this.#core.listNamespacedPod({ namespace: agentNamespace, labelSelector: agentSelector }),
    );
    return list.items;
  }

  /** The name given at install, from the DaemonSet itself: also where none of its pods has come up. */
  async installedName(): Promise<string | undefined> {
    const apps = this.config.makeApiClient(AppsV1Api);
    const daemonSet = await this.#askForOne("get the agents' DaemonSet", () =>
      apps.readNamespacedDaemonSet({ name: agentDaemonSet, namespace: agentNamespace }),
    );
    return daemonSet?.spec?.template.metadata?.annotations?.[clusterNameAnnotation];
  }

  /** Whether every agent's pod is of the DaemonSet's newest template, and none is being replaced. */
  async isRolledOut(): Promise<boolean> {
    const apps = this.config.makeApiClient(AppsV1Api);
    const { metadata, status } = await this.#ask("get the agents' DaemonSet", () =>
      apps.readNamespacedDaemonSet({ name: agentDaemonSet, namespace: agentNamespace }),
    );
    const wanted = status?.desiredNumberScheduled ?? 0;
    return (
      status?.observedGeneration === metadata?.generation &&
      status?.updatedNumberScheduled === wanted &&
      status.numberAvailable === wanted
    );
  }

  /** Server-side apply: creates the object, or brings the fields that it names to what it says. */
  async apply(object: KubernetesObject): Promise<void> {
    const objects = KubernetesObjectApi.makeApiClient(this.config);
    await this.#ask(`apply ${describeObject(object)}`, () =>
      objects.patch(object, undefined, undefined, 'kubectl-etcd', true, PatchStrategy.ServerSideApply),
    );
  }

  /** Deletes the object and what belongs to it. @returns false where there was none. */
  async remove(object: KubernetesObject): Promise<boolean> {
    const objects = KubernetesObjectApi.makeApiClient(this.config);
    const gone = await this.#askForOne(`delete ${describeObject(object)}`, () =>
      objects.delete(object, undefined, undefined, undefined, undefined, 'Background'),
    );
    return gone !== undefined;
  }

  async exists(object: KubernetesObject): Promise<boolean> {
    const objects = KubernetesObjectApi.makeApiClient(this.config);
    const { apiVersion = '', kind = '', metadata } = object;
    const named = {
      name: metadata?.name ?? '',
      ...(metadata?.namespace === undefined ? {} : { namespace: metadata.namespace }),
    };
    const header = { apiVersion, kind, metadata: named };
    return (await this.#askForOne(`get ${describeObject(object)}`, () => objects.read(header))) !== undefined;
  }

  /** The WebSocket address of `bridge` in an agent's pod, with the credentials of the kubeconfig. */
  async bridgeTarget(pod: string, node: string): Promise<ExecTarget> {
    const url = new URL(
      `${this.server.replace(/\/$/, '')}/api/v1/namespaces/${agentNamespace}/pods/${encodeURIComponent(pod)}/exec`.replace(
        /^http/,
        'ws',
      ),
    );
    for (const argument of bridgeCommand) url.searchParams.append('command', argument);
    for (const [name, value] of Object.entries({
      container: agentContainer,
      stdin: 'true',
      stdout: 'true',
      stderr: 'true',
      tty: 'false',
    }))
      url.searchParams.set(name, value);
    const options = {};
    await this.config.applyToHTTPSOptions(options);
    return { url: url.href, options, node };
  }

  async #askForOne<Answer>(doing: string, call: () => Promise<Answer>): Promise<Answer | undefined> {
    return this.#ask(doing, async () => {
      try {
        return await call();
      } catch (thrown) {
        if (isNotFound(thrown)) return undefined;
        throw thrown;
      }
    });
  }

  async #ask<Answer>(doing: string, call: () => Promise<Answer>): Promise<Answer> {
    try {
      return await call();
    } catch (thrown) {
      throw apiFailure(thrown, doing, this.server);
    }
  }
}

function nodeView(name: string, node: V1Node, pods: readonly V1Pod[]): NodeView {
  const addresses = (node.status?.addresses ?? [])
    .filter(({ type }) => type !== 'Hostname')
    .map(({ address }) => address);
  const pod = pods
    .filter((candidate) => candidate.spec?.nodeName === name && candidate.metadata?.deletionTimestamp === undefined)
    .sort((one, other) => Number(isReady(other)) - Number(isReady(one)))[0];
  if (pod?.metadata?.name === undefined) return { name, addresses };
  const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting;
  const why =
    waiting === undefined
      ? pod.status?.phase
      : `${waiting.reason ?? 'waiting'}${waiting.message === undefined ? '' : `: ${waiting.message}`}`;
  return {
    name,
    addresses,
    agent: {
      pod: pod.metadata.name,
      ready: isReady(pod),
      version: pod.metadata.labels?.[versionLabel],
      template: pod.metadata.labels?.[templateLabel],
      ...(isReady(pod) ? {} : { reason: why ?? 'not ready' }),
    },
  };
}

function isReady(pod: V1Pod): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

function describeObject({ kind, metadata }: KubernetesObject): string {
  return `the ${kind ?? 'object'} ${metadata?.name ?? ''}`;
}
