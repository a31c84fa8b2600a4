/** The writes that a busy cluster makes, one after the other and without end: what its database is full of. */
import { environmentOf, podSpec } from './kubernetes-objects.ts';
import type { Workload } from './kubernetes-objects.ts';
import {
  configMapWrite,
  deploymentWrite,
  endpointSliceWrite,
  eventWrite,
  leaseWrite,
  podWrite,
  replicaSetWrite,
  secretWrite,
} from './kubernetes-writes.ts';
import type { Application, Moment, Pod, WorkerNode, Write } from './kubernetes-writes.ts';
import { SeededRandom } from './seeded-random.ts';

const nodes = 40;
const applications = 150;
const namespaces = ['shop', 'payments', 'identity', 'search', 'logistics', 'observability', 'ingress', 'batch'];
const names = ['api', 'worker', 'gateway', 'cart', 'catalog', 'ledger', 'mailer', 'indexer', 'router', 'scheduler'];

/** How often each kind is written, in a hundred. */
const shares = [
  [34, 'lease'],
  [26, 'pod'],
  [16, 'event'],
  [8, 'endpointslice'],
  [6, 'deployment'],
  [6, 'replicaset'],
  [2, 'configmap'],
  [2, 'secret'],
] as const;

/** The same writes for the same seed. Keys begin with `prefix`, in place of the API server's /registry, which would take them for its own. */
export function* kubernetesHistory(options: {
  readonly seed: string;
  readonly prefix: string;
}): Generator<Write, never> {
  const cluster = new BusyCluster(new SeededRandom(options.seed));
  for (;;) {
    const { key, value } = cluster.write();
    yield { key: `${options.prefix}${key}`, value };
  }
}

class BusyCluster {
  readonly #random: SeededRandom;
  readonly #nodes: readonly WorkerNode[];
  readonly #applications: readonly Application[];
  #seconds = 1_790_000_000;
  #nanoseconds = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#nodes = Array.from({ length: nodes }, (_, index) => ({
      name: `worker-${index + 1}.eu1.example.com`,
      uid: random.uid(),
    }));
    this.#applications = Array.from({ length: applications }, () => this.#newApplication());
  }

  write(): Write {
    this.#nanoseconds = this.#random.below(1_000_000_000);
    if (this.#random.below(30) === 0) this.#seconds += 1;
    let share = this.#random.below(100);
    const kind = shares.find(([width]) => (share -= width) < 0)?.[1] ?? 'lease';
    const application = this.#random.one(this.#applications);
    const at = this.#moment();
    switch (kind) {
      case 'lease':
        return leaseWrite(at, this.#random.one(this.#nodes));
      case 'pod':
        return this.#pod(application);
      case 'event':
        return eventWrite(at, application);
      case 'endpointslice':
        return endpointSliceWrite(at, application);
      case 'deployment':
        return deploymentWrite(at, application);
      case 'replicaset':
        return replicaSetWrite(at, application);
      case 'configmap':
        return configMapWrite(at, application);
      case 'secret':
        return secretWrite(at, application);
    }
  }

  #newApplication(): Application {
    const random = this.#random;
    const namespace = random.one(namespaces);
    const name = `${random.one(names)}-${random.one(names)}-${random.suffix(3)}`;
    const hash = random.suffix(10);
    const workload: Workload = {
      namespace,
      name,
      image: `registry.example.com/${namespace}/${name}:v${random.below(4)}.${random.below(30)}.${random.below(20)}@sha256:${random.hex(64)}`,
      labels: { 'app.kubernetes.io/instance': name, 'app.kubernetes.io/name': name, 'pod-template-hash': hash },
      environment: environmentOf(random, name, namespace),
      port: 8000 + random.below(1000),
      uid: random.uid(),
      createdSeconds: this.#seconds - random.below(10_000_000),
    };
    const application: Application = {
      workload,
      replicaSet: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-${hash}`, uid: random.uid() },
      templateSpec: podSpec(workload),
      pods: [],
      generation: 1,
    };
    const replicas = 1 + random.below(8);
    while (application.pods.length < replicas) application.pods.push(this.#newPod(application));
    return application;
  }

  #newPod({ replicaSet, workload }: Application): Pod {
    const random = this.#random;
    const node = random.one(this.#nodes).name;
    return {
      node,
      spec: podSpec(workload, node),
      name: `${replicaSet.name}-${random.suffix(5)}`,
      uid: random.uid(),
      address: `10.${random.below(64)}.${random.below(256)}.${random.below(256)}`,
      createdSeconds: this.#seconds,
      restarts: 0,
    };
  }

  /** Mostly a new status of a pod that is there; now and then a pod is replaced, under a new name. */
  #pod(application: Application): Write {
    const random = this.#random;
    const { pods } = application;
    const index = random.below(pods.length);
    if (random.below(12) === 0) pods[index] = this.#newPod(application);
    const pod = pods[index] ?? this.#newPod(application);
    const ready = random.below(5) > 0;
    if (!ready) pod.restarts += 1;
    return podWrite(this.#moment(), application, { pod, ready });
  }

  #moment(): Moment {
    return { random: this.#random, seconds: this.#seconds, nanoseconds: this.#nanoseconds };
  }
}
