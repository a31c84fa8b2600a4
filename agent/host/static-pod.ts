import type { Readable } from 'node:stream';
import { Failure, messageOf } from '../../core/failure.ts';
import type { EtcdProcess } from '../../core/protocol/messages.ts';
import { containerLogFile, containerState } from './etcd-container.ts';
import type { EtcdHost, EtcdOnHost, LogsWanted } from './host.ts';
import { readLog } from './log-file.ts';
import { containerLines } from './log-lines.ts';
import { readManifests } from './manifest-directory.ts';
import type { Manifests } from './manifest-directory.ts';
import type { NamedContainer } from './pod-logs.ts';
import { readInvocation } from './read-invocation.ts';
import type { HostRoot } from './root.ts';
import { etcdContainer } from './static-manifest.ts';
import type { EtcdContainer } from './static-manifest.ts';

/** Where kubeadm runs etcd: for its containers and logs while no manifest says so (moved away, being replaced). */
const kubeadmsOwn = { namespace: 'kube-system', podName: 'etcd', name: 'etcd' };

interface EtcdManifest {
  readonly file: string;
  readonly container: EtcdContainer;
}

/** The manifests among these that run etcd. */
export function etcdManifests({ pods }: Manifests, node: string): readonly EtcdManifest[] {
  return pods.flatMap(({ file, pod }) => {
    const container = etcdContainer(pod, node);
    return container === undefined ? [] : [{ file, container }];
  });
}

/** @throws {Failure} what readInvocation throws. */
export async function readEtcdManifest(root: HostRoot, { file, container }: EtcdManifest): Promise<EtcdOnHost> {
  const { etcd, tls, warnings } = await readInvocation({ root, source: file, ...container });
  const image = container.image === undefined ? {} : { image: container.image };
  const unknown = container.unknownVariables.map((name) => `${file}: only the kubelet knows the value of $(${name})`);
  return { etcd: { host: 'static-pod', source: file, ...etcd, ...image }, tls, warnings: [...warnings, ...unknown] };
}

/** etcd as a static pod of the kubelet, as kubeadm makes it. */
export class StaticPodEtcd implements EtcdHost {
  readonly #root: HostRoot;
  readonly #node: string;

  constructor({ root, node }: { readonly root: HostRoot; readonly node: string }) {
    this.#root = root;
    this.#node = node;
  }

  /** @throws {Failure} `etcd-not-found`, `two-etcd-manifests`, and what readInvocation throws. */
  async find(): Promise<EtcdOnHost> {
    const manifests = await readManifests(this.#root);
    const found =
      manifests === undefined
        ? []
        : await Promise.all(etcdManifests(manifests, this.#node).map((each) => readEtcdManifest(this.#root, each)));
    const [first, ...others] = found;
    if (manifests === undefined || first === undefined) {
      throw new Failure({
        reason: 'etcd-not-found',
        what: 'there is no static manifest of etcd any more',
        node: this.#node,
      });
    }
    const different = others.find((other) => !sameMember(first, other));
    if (different !== undefined) throw twoManifests(first, different, this.#node);
    return {
      ...first,
      warnings: [
        ...first.warnings,
        ...others.map(
          ({ etcd }) =>
            `${etcd.source} is a second manifest of etcd, and the kubelet runs what it finds in ${manifests.folder} whatever its name: ` +
            `mv ${etcd.source} /root/`,
        ),
        ...manifests.unreadable.map((failure) => failure.message),
      ],
    };
  }

  async state(): Promise<EtcdProcess> {
    return containerState(this.#root, await this.#named());
  }

  logs({ previous, tailLines, follow, signal }: LogsWanted): Readable {
    const newest = async () => containerLogFile(this.#root, await this.#named(), previous);
    // The last one that died says nothing more.
    return readLog({ newest, decoder: containerLines, tailLines, follow: follow && !previous, signal });
  }

  async #named(): Promise<NamedContainer> {
    const { namespace, podName, name } = (await this.#container()) ?? kubeadmsOwn;
    return { namespace, podName: `${podName}-${this.#node}`, container: name };
  }

  async #container(): Promise<EtcdContainer | undefined> {
    try {
      const manifests = await readManifests(this.#root);
      return manifests === undefined ? undefined : etcdManifests(manifests, this.#node)[0]?.container;
    } catch (thrown) {
      if (thrown instanceof Failure) return undefined;
      throw new Error(`cannot look for etcd's container: ${messageOf(thrown)}`, { cause: thrown });
    }
  }
}

/** Whether two manifests lead to one and the same process and data, so that it does not matter which of them the kubelet runs. */
function sameMember(one: EtcdOnHost, other: EtcdOnHost): boolean {
  const facts = ({ etcd, tls }: EtcdOnHost) =>
    JSON.stringify([etcd.name, etcd.dataDir, etcd.walDir, etcd.clientUrl, tls]);
  return facts(one) === facts(other);
}

function twoManifests(one: EtcdOnHost, other: EtcdOnHost, node: string): Failure {
  return new Failure({
    reason: 'two-etcd-manifests',
    what: 'the kubelet is told of two different etcds',
    node,
    why: `both ${one.etcd.source} and ${other.etcd.source} run etcd; every file there counts whose name does not begin with a dot`,
    next: `on the node, move the one that is not meant out of the folder: mv ${other.etcd.source} /root/`,
  });
}
