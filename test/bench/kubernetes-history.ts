/** The writes that a busy cluster makes, one after the other and without end: what its database is full of. */
import { environmentOf, fieldsOf, podSpec, stored } from './kubernetes-objects.ts';
import type { Manager, Metadata, Owner, Workload } from './kubernetes-objects.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';
import { SeededRandom } from './seeded-random.ts';

export interface Write {
  readonly key: string;
  readonly value: Buffer;
}

interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly address: string;
  readonly createdSeconds: number;
  /** Its spec, written once: only the status of a pod changes. */
  readonly spec: Buffer;
  restarts: number;
}

interface Application {
  readonly workload: Workload;
  readonly replicaSet: Owner;
  readonly templateSpec: Buffer;
  readonly pods: Pod[];
  generation: number;
}

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
  readonly #nodes: readonly { readonly name: string; readonly uid: string }[];
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
    switch (kind) {
      case 'lease':
        return this.#lease();
      case 'pod':
        return this.#pod(application);
      case 'event':
        return this.#event(application);
      case 'endpointslice':
        return this.#endpointSlice(application);
      case 'deployment':
        return this.#deployment(application);
      case 'replicaset':
        return this.#replicaSet(application);
      case 'configmap':
        return this.#configMap(application);
      case 'secret':
        return this.#secret(application);
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
    const { workload, replicaSet, pods } = application;
    const index = random.below(pods.length);
    if (random.below(12) === 0) pods[index] = this.#newPod(application);
    const pod = pods[index] ?? this.#newPod(application);
    const ready = random.below(5) > 0;
    if (!ready) pod.restarts += 1;
    const value = stored(
      'v1',
      'Pod',
      this.#metadata(workload, pod.name, {
        generateName: `${replicaSet.name}-`,
        uid: pod.uid,
        createdSeconds: pod.createdSeconds,
        owner: replicaSet,
        managers: [
          this.#manager('kube-controller-manager', 'v1', fieldsOf.pod(workload, replicaSet.uid), pod.createdSeconds),
          { ...this.#manager('kubelet', 'v1', fieldsOf.podStatus(pod.address)), subresource: 'status' },
        ],
      }),
      (object) =>
        object.bytes(2, pod.spec).message(3, (status) => {
          status.text(1, 'Running');
          for (const type of ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'])
            status.message(2, (condition) =>
              condition
                .text(1, type)
                .text(2, ready || !type.endsWith('eady') ? 'True' : 'False')
                .message(3, (time) => time.number(1, 0))
                .message(4, (time) => time.number(1, this.#seconds).number(2, 0))
                .text(5, '')
                .text(6, ready ? '' : `containers with unready status: [${workload.name}]`),
            );
          status.text(3, '').text(4, '').text(5, `192.168.4.${pod.node.length}`).text(6, pod.address);
          status.message(7, (time) => time.number(1, pod.createdSeconds).number(2, 0));
          status.message(8, (container) =>
            container
              .text(1, workload.name)
              .message(2, (state) =>
                state.message(2, (running) => running.message(1, (time) => time.number(1, this.#seconds))),
              )
              .number(4, ready ? 1 : 0)
              .number(5, pod.restarts)
              .text(6, workload.image)
              .text(7, workload.image)
              .text(8, `containerd://${pod.uid.replaceAll('-', '')}${workload.uid.replaceAll('-', '')}`)
              .number(9, 1),
          );
          status
            .text(9, 'Burstable')
            .text(11, '')
            .message(12, (address) => address.text(1, pod.address));
        }),
    );
    return { key: `/pods/${workload.namespace}/${pod.name}`, value };
  }

  #lease(): Write {
    const node = this.#random.one(this.#nodes);
    const owner = { apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid };
    const value = stored(
      'coordination.k8s.io/v1',
      'Lease',
      {
        ...{ name: node.name, namespace: 'kube-node-lease', uid: node.uid, createdSeconds: 1_780_000_000, owner },
        managers: [this.#manager('kubelet', 'coordination.k8s.io/v1', fieldsOf.lease)],
      },
      (object) =>
        object.message(2, (spec) =>
          spec
            .text(1, node.name)
            .number(2, 40)
            .message(4, (time) => time.number(1, this.#seconds).number(2, this.#nanoseconds)),
        ),
    );
    return { key: `/leases/kube-node-lease/${node.name}`, value };
  }

  #event({ workload, pods }: Application): Write {
    const random = this.#random;
    const pod = random.one(pods);
    const name = `${pod.name}.${random.hex(16)}`;
    const [reason, message] = random.one([
      ['Pulled', `Container image "${workload.image}" already present on machine`],
      ['Scheduled', `Successfully assigned ${workload.namespace}/${pod.name} to ${pod.node}`],
      [
        'Unhealthy',
        `Readiness probe failed: Get "http://${pod.address}:${workload.port}/readyz": context deadline exceeded`,
      ],
      [
        'BackOff',
        `Back-off restarting failed container ${workload.name} in pod ${pod.name}_${workload.namespace}(${pod.uid})`,
      ],
    ] as const);
    const value = stored(
      'v1',
      'Event',
      this.#metadata(workload, name, { uid: random.uid(), managers: [this.#manager('kubelet', 'v1', fieldsOf.event)] }),
      (object) =>
        object
          .message(2, (involved) =>
            involved
              .text(1, 'Pod')
              .text(2, workload.namespace)
              .text(3, pod.name)
              .text(4, pod.uid)
              .text(5, 'v1')
              .text(6, String(random.below(1e8))),
          )
          .text(3, reason)
          .text(4, message)
          .message(5, (source) => source.text(1, 'kubelet').text(2, pod.node))
          .message(6, (time) => time.number(1, this.#seconds))
          .message(7, (time) => time.number(1, this.#seconds))
          .number(8, 1 + random.below(40))
          .text(9, reason === 'Pulled' || reason === 'Scheduled' ? 'Normal' : 'Warning'),
    );
    return { key: `/events/${workload.namespace}/${name}`, value };
  }

  #endpointSlice({ workload, pods }: Application): Write {
    const name = `${workload.name}-${workload.uid.slice(0, 5)}`;
    const value = stored(
      'discovery.k8s.io/v1',
      'EndpointSlice',
      this.#metadata(workload, name, {
        generation: this.#random.below(10_000),
        annotations: {
          'endpoints.kubernetes.io/last-change-trigger-time': new Date(this.#seconds * 1000).toISOString(),
        },
        owner: { apiVersion: 'v1', kind: 'Service', name: workload.name, uid: workload.uid },
        managers: [this.#manager('kube-controller-manager', 'discovery.k8s.io/v1', fieldsOf.slice)],
      }),
      (object) => {
        for (const pod of pods)
          object.message(2, (endpoint) =>
            endpoint
              .text(1, pod.address)
              .message(2, (conditions) => conditions.number(1, this.#random.below(2)).number(2, 1).number(3, 0))
              .message(4, (target) =>
                target
                  .text(1, 'Pod')
                  .text(2, workload.namespace)
                  .text(3, pod.name)
                  .text(4, pod.uid)
                  .text(5, '')
                  .text(6, '')
                  .text(7, ''),
              )
              .text(6, pod.node)
              .text(7, `eu1-${pod.node.length % 3}`),
          );
        object.message(3, (port) => port.text(1, 'http').text(2, 'TCP').number(3, workload.port)).text(4, 'IPv4');
      },
    );
    return { key: `/endpointslices/${workload.namespace}/${name}`, value };
  }

  #deployment(application: Application): Write {
    const { workload, pods } = application;
    application.generation += this.#random.below(2);
    const value = stored(
      'apps/v1',
      'Deployment',
      this.#templated(application, workload.name, workload.uid),
      (object) => {
        object.message(2, (spec) => {
          this.#template(spec, application);
          spec
            .message(4, (strategy) =>
              strategy
                .text(1, 'RollingUpdate')
                .message(2, (update) => update.message(1, (share) => share.number(1, 1).text(3, '25%'))),
            )
            .number(5, 0)
            .number(6, 10)
            .number(7, 0)
            .number(9, 600);
        });
        object.message(3, (status) =>
          status
            .number(1, application.generation)
            .number(2, pods.length)
            .number(3, pods.length)
            .number(4, this.#random.below(pods.length + 1))
            .message(6, (condition) =>
              condition
                .text(1, 'Progressing')
                .text(2, 'True')
                .text(4, 'NewReplicaSetAvailable')
                .text(5, `ReplicaSet "${application.replicaSet.name}" has successfully progressed.`)
                .message(6, (time) => time.number(1, this.#seconds)),
            ),
        );
      },
    );
    return { key: `/deployments/${workload.namespace}/${workload.name}`, value };
  }

  #replicaSet(application: Application): Write {
    const { workload, replicaSet, pods } = application;
    const value = stored(
      'apps/v1',
      'ReplicaSet',
      this.#templated(application, replicaSet.name, replicaSet.uid),
      (object) => {
        object.message(2, (spec) => this.#template(spec, application));
        object.message(3, (status) =>
          status
            .number(1, pods.length)
            .number(2, pods.length)
            .number(3, application.generation)
            .number(4, this.#random.below(pods.length + 1)),
        );
      },
    );
    return { key: `/replicasets/${workload.namespace}/${replicaSet.name}`, value };
  }

  #configMap({ workload }: Application): Write {
    const lines = Array.from(
      { length: 20 + this.#random.below(40) },
      (_, index) =>
        `  setting_${index}: ${this.#random.below(10_000)}\n  origin_${index}: https://${workload.name}-${index}.${workload.namespace}.example.com/api/v1`,
    );
    const value = stored(
      'v1',
      'ConfigMap',
      this.#metadata(workload, `${workload.name}-config`, { managers: [this.#manager('helm', 'v1', fieldsOf.data)] }),
      (object) => object.map(2, { 'config.yaml': `server:\n${lines.join('\n')}\n` }),
    );
    return { key: `/configmaps/${workload.namespace}/${workload.name}-config`, value };
  }

  /** Releases, keys and tokens: the part of a database that does not compress. */
  #secret({ workload, generation }: Application): Write {
    const name = `sh.helm.release.v1.${workload.name}.v${generation}`;
    const value = stored(
      'v1',
      'Secret',
      this.#metadata(workload, name, { managers: [this.#manager('helm', 'v1', fieldsOf.data)] }),
      (object) =>
        object
          .map(2, { release: this.#random.bytes(2000 + this.#random.below(12_000)).toString('base64') })
          .text(3, 'helm.sh/release.v1'),
    );
    return { key: `/secrets/${workload.namespace}/${name}`, value };
  }

  #template(spec: ProtobufWriter, { workload, pods, templateSpec }: Application): void {
    spec
      .number(1, pods.length)
      .message(2, (selector) => selector.map(1, workload.labels))
      .message(3, (template) =>
        template.message(1, (metadata) => metadata.map(11, workload.labels)).bytes(2, templateSpec),
      );
  }

  #templated({ workload, generation }: Application, name: string, uid: string): Metadata {
    return this.#metadata(workload, name, {
      ...{ uid, generation },
      annotations: {
        'deployment.kubernetes.io/revision': String(generation),
        'meta.helm.sh/release-name': workload.name,
      },
      managers: [
        this.#manager('helm', 'apps/v1', fieldsOf.template(workload), workload.createdSeconds),
        { ...this.#manager('kube-controller-manager', 'apps/v1', fieldsOf.templateStatus), subresource: 'status' },
      ],
    });
  }

  #metadata(workload: Workload, name: string, more: Partial<Metadata> & Pick<Metadata, 'managers'>): Metadata {
    const { namespace, uid, createdSeconds, labels } = workload;
    return { name, namespace, uid, createdSeconds, labels, ...more };
  }

  #manager(name: string, apiVersion: string, fields: string, seconds = this.#seconds): Manager {
    return { name, apiVersion, seconds, fields };
  }
}
