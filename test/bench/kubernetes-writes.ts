/** One write of each kind, as an API server makes it when a controller or a kubelet has something to say. */
import { fieldsOf, stored } from './kubernetes-objects.ts';
import type { Manager, Metadata, Owner, Workload } from './kubernetes-objects.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface Write {
  readonly key: string;
  readonly value: Buffer;
}

export interface Pod {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly address: string;
  readonly createdSeconds: number;
  /** Its spec, written once: only the status of a pod changes. */
  readonly spec: Buffer;
  restarts: number;
}

export interface Application {
  readonly workload: Workload;
  readonly replicaSet: Owner;
  readonly templateSpec: Buffer;
  readonly pods: Pod[];
  generation: number;
}

export interface WorkerNode {
  readonly name: string;
  readonly uid: string;
}

/** When it is written, and what chance makes of it. */
export interface Moment {
  readonly random: SeededRandom;
  readonly seconds: number;
  readonly nanoseconds: number;
}

export function podWrite(
  at: Moment,
  { workload, replicaSet }: Application,
  { pod, ready }: { readonly pod: Pod; readonly ready: boolean },
): Write {
  const value = stored(
    'v1',
    'Pod',
    metadata(workload, pod.name, {
      generateName: `${replicaSet.name}-`,
      uid: pod.uid,
      createdSeconds: pod.createdSeconds,
      owner: replicaSet,
      managers: [
        manager(at, 'kube-controller-manager', 'v1', fieldsOf.pod(workload, replicaSet.uid), pod.createdSeconds),
        { ...manager(at, 'kubelet', 'v1', fieldsOf.podStatus(pod.address)), subresource: 'status' },
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
              .message(4, (time) => time.number(1, at.seconds).number(2, 0))
              .text(5, '')
              .text(6, ready ? '' : `containers with unready status: [${workload.name}]`),
          );
        status.text(3, '').text(4, '').text(5, `192.168.4.${pod.node.length}`).text(6, pod.address);
        status.message(7, (time) => time.number(1, pod.createdSeconds).number(2, 0));
        status.message(8, (container) =>
          container
            .text(1, workload.name)
            .message(2, (state) =>
              state.message(2, (running) => running.message(1, (time) => time.number(1, at.seconds))),
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

export function leaseWrite(at: Moment, node: WorkerNode): Write {
  const owner = { apiVersion: 'v1', kind: 'Node', name: node.name, uid: node.uid };
  const value = stored(
    'coordination.k8s.io/v1',
    'Lease',
    {
      ...{ name: node.name, namespace: 'kube-node-lease', uid: node.uid, createdSeconds: 1_780_000_000, owner },
      managers: [manager(at, 'kubelet', 'coordination.k8s.io/v1', fieldsOf.lease)],
    },
    (object) =>
      object.message(2, (spec) =>
        spec
          .text(1, node.name)
          .number(2, 40)
          .message(4, (time) => time.number(1, at.seconds).number(2, at.nanoseconds)),
      ),
  );
  return { key: `/leases/kube-node-lease/${node.name}`, value };
}

export function eventWrite(at: Moment, { workload, pods }: Application): Write {
  const random = at.random;
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
    metadata(workload, name, { uid: random.uid(), managers: [manager(at, 'kubelet', 'v1', fieldsOf.event)] }),
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
        .message(6, (time) => time.number(1, at.seconds))
        .message(7, (time) => time.number(1, at.seconds))
        .number(8, 1 + random.below(40))
        .text(9, reason === 'Pulled' || reason === 'Scheduled' ? 'Normal' : 'Warning'),
  );
  return { key: `/events/${workload.namespace}/${name}`, value };
}

export function endpointSliceWrite(at: Moment, { workload, pods }: Application): Write {
  const name = `${workload.name}-${workload.uid.slice(0, 5)}`;
  const value = stored(
    'discovery.k8s.io/v1',
    'EndpointSlice',
    metadata(workload, name, {
      generation: at.random.below(10_000),
      annotations: {
        'endpoints.kubernetes.io/last-change-trigger-time': new Date(at.seconds * 1000).toISOString(),
      },
      owner: { apiVersion: 'v1', kind: 'Service', name: workload.name, uid: workload.uid },
      managers: [manager(at, 'kube-controller-manager', 'discovery.k8s.io/v1', fieldsOf.slice)],
    }),
    (object) => {
      for (const pod of pods)
        object.message(2, (endpoint) =>
          endpoint
            .text(1, pod.address)
            .message(2, (conditions) => conditions.number(1, at.random.below(2)).number(2, 1).number(3, 0))
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

export function deploymentWrite(at: Moment, application: Application): Write {
  const { workload, pods } = application;
  application.generation += at.random.below(2);
  const value = stored('apps/v1', 'Deployment', templated(at, application, workload.name, workload.uid), (object) => {
    object.message(2, (spec) => {
      writeTemplate(spec, application);
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
        .number(4, at.random.below(pods.length + 1))
        .message(6, (condition) =>
          condition
            .text(1, 'Progressing')
            .text(2, 'True')
            .text(4, 'NewReplicaSetAvailable')
            .text(5, `ReplicaSet "${application.replicaSet.name}" has successfully progressed.`)
            .message(6, (time) => time.number(1, at.seconds)),
        ),
    );
  });
  return { key: `/deployments/${workload.namespace}/${workload.name}`, value };
}

export function replicaSetWrite(at: Moment, application: Application): Write {
  const { workload, replicaSet, pods } = application;
  const value = stored(
    'apps/v1',
    'ReplicaSet',
    templated(at, application, replicaSet.name, replicaSet.uid),
    (object) => {
      object.message(2, (spec) => writeTemplate(spec, application));
      object.message(3, (status) =>
        status
          .number(1, pods.length)
          .number(2, pods.length)
          .number(3, application.generation)
          .number(4, at.random.below(pods.length + 1)),
      );
    },
  );
  return { key: `/replicasets/${workload.namespace}/${replicaSet.name}`, value };
}

export function configMapWrite(at: Moment, { workload }: Application): Write {
  const lines = Array.from(
    { length: 20 + at.random.below(40) },
    (_, index) =>
      `  setting_${index}: ${at.random.below(10_000)}\n  origin_${index}: https://${workload.name}-${index}.${workload.namespace}.example.com/api/v1`,
  );
  const value = stored(
    'v1',
    'ConfigMap',
    metadata(workload, `${workload.name}-config`, { managers: [manager(at, 'helm', 'v1', fieldsOf.data)] }),
    (object) => object.map(2, { 'config.yaml': `server:\n${lines.join('\n')}\n` }),
  );
  return { key: `/configmaps/${workload.namespace}/${workload.name}-config`, value };
}

/** Releases, keys and tokens: the part of a database that does not compress. */
export function secretWrite(at: Moment, { workload, generation }: Application): Write {
  const name = `sh.helm.release.v1.${workload.name}.v${generation}`;
  const value = stored(
    'v1',
    'Secret',
    metadata(workload, name, { managers: [manager(at, 'helm', 'v1', fieldsOf.data)] }),
    (object) =>
      object
        .map(2, { release: at.random.bytes(2000 + at.random.below(12_000)).toString('base64') })
        .text(3, 'helm.sh/release.v1'),
  );
  return { key: `/secrets/${workload.namespace}/${name}`, value };
}

function writeTemplate(spec: ProtobufWriter, { workload, pods, templateSpec }: Application): void {
  spec
    .number(1, pods.length)
    .message(2, (selector) => selector.map(1, workload.labels))
    .message(3, (template) =>
      template.message(1, (metadata) => metadata.map(11, workload.labels)).bytes(2, templateSpec),
    );
}

function templated(at: Moment, { workload, generation }: Application, name: string, uid: string): Metadata {
  return metadata(workload, name, {
    ...{ uid, generation },
    annotations: {
      'deployment.kubernetes.io/revision': String(generation),
      'meta.helm.sh/release-name': workload.name,
    },
    managers: [
      manager(at, 'helm', 'apps/v1', fieldsOf.template(workload), workload.createdSeconds),
      { ...manager(at, 'kube-controller-manager', 'apps/v1', fieldsOf.templateStatus), subresource: 'status' },
    ],
  });
}

function metadata(workload: Workload, name: string, more: Partial<Metadata> & Pick<Metadata, 'managers'>): Metadata {
  const { namespace, uid, createdSeconds, labels } = workload;
  return { name, namespace, uid, createdSeconds, labels, ...more };
}

function manager(at: Moment, name: string, apiVersion: string, fields: string, seconds = at.seconds): Manager {
  return { name, apiVersion, seconds, fields };
}
