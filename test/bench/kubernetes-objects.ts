/**
 * Kubernetes objects as an API server stores them: `k8s\0` and a runtime.Unknown around the object's protobuf, with the field numbers of
 * Kubernetes' generated.proto files. Not for an API server to read: for a database that compresses, pages and ages as a real one does.
 */
import { ProtobufWriter } from './protobuf-writer.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export interface Metadata {
  readonly name: string;
  readonly generateName?: string;
  readonly namespace: string;
  readonly uid: string;
  readonly generation?: number;
  readonly createdSeconds: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly owner?: Owner;
  readonly managers: readonly Manager[];
}

/** Who set which fields, and when: often the larger half of an object. */
export interface Manager {
  readonly name: string;
  readonly apiVersion: string;
  readonly seconds: number;
  readonly fields: string;
  readonly subresource?: string;
}

export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: readonly (readonly [name: string, value: string])[];
  readonly port: number;
  readonly uid: string;
  readonly createdSeconds: number;
}

const magic = Buffer.from('k8s\0');
/** Used over and over: nothing is written while something else is. */
const writer = new ProtobufWriter();

/** The stored bytes of an object whose fields after the metadata `write` adds. */
export function stored(
  apiVersion: string,
  kind: string,
  metadata: Metadata,
  write: (object: ProtobufWriter) => unknown,
): Buffer {
  return writer
    .raw(magic)
    .message(1, (type) => type.text(1, apiVersion).text(2, kind))
    .message(2, (object) => write(object.message(1, (fields) => writeMetadata(fields, metadata))))
    .text(3, '')
    .text(4, '')
    .take();
}

function writeMetadata(fields: ProtobufWriter, metadata: Metadata): void {
  const { name, generateName = '', namespace, uid, generation = 0, createdSeconds, owner } = metadata;
  fields.text(1, name).text(2, generateName).text(3, namespace).text(4, '').text(5, uid).text(6, '');
  fields.number(7, generation).message(8, (time) => time.number(1, createdSeconds).number(2, 0));
  fields.map(11, metadata.labels ?? {}).map(12, metadata.annotations ?? {});
  if (owner !== undefined)
    fields.message(13, (reference) =>
      reference
        .text(1, owner.kind)
        .text(3, owner.name)
        .text(4, owner.uid)
        .text(5, owner.apiVersion)
        .number(6, 1)
        .number(7, 1),
    );
  for (const manager of metadata.managers)
    fields.message(17, (entry) =>
      entry
        .text(1, manager.name)
        .text(2, 'Update')
        .text(3, manager.apiVersion)
        .message(4, (time) => time.number(1, manager.seconds).number(2, 0))
        .text(6, 'FieldsV1')
        .message(7, (raw) => raw.text(1, manager.fields))
        .text(8, manager.subresource ?? ''),
    );
}

/** v1.PodSpec; without a node it is a template's. */
export function podSpec(workload: Workload, node?: string): Buffer {
  const spec = new ProtobufWriter();
  spec.message(1, (volume) =>
    volume
      .text(1, 'config')
      .message(2, (source) =>
        source.message(19, (map) => map.message(1, (to) => to.text(1, `${workload.name}-config`))),
      ),
  );
  if (node !== undefined)
    spec.message(1, (volume) =>
      volume.text(1, `kube-api-access-${workload.uid.slice(0, 5)}`).message(2, (source) =>
        source.message(26, (projected) =>
          projected
            .message(1, (token) => token.message(4, (account) => account.text(1, '').number(2, 3607).text(3, 'token')))
            .message(1, (map) =>
              map.message(3, (root) =>
                root
                  .message(1, (to) => to.text(1, 'kube-root-ca.crt'))
                  .message(2, (item) => item.text(1, 'ca.crt').text(2, 'ca.crt')),
              ),
            )
            .number(2, 420),
        ),
      ),
    );
  spec.message(2, (container) => writeContainer(container, workload));
  spec.text(3, 'Always').number(4, 30).text(6, 'ClusterFirst').text(8, workload.name).text(9, workload.name);
  if (node !== undefined) spec.text(10, node);
  spec.number(11, 0).number(12, 0).number(13, 0);
  spec.message(14, (context) => context.number(2, 65_532).number(3, 1).number(5, 65_532));
  spec.text(16, '').text(17, '').text(19, 'default-scheduler');
  if (node !== undefined)
    for (const condition of ['not-ready', 'unreachable'])
      spec.message(22, (toleration) =>
        toleration
          .text(1, `node.kubernetes.io/${condition}`)
          .text(2, 'Exists')
          .text(3, '')
          .text(4, 'NoExecute')
          .number(5, 300),
      );
  return spec.text(24, '').number(25, 0).number(30, 1).text(31, 'PreemptLowerPriority').take();
}

function writeContainer(container: ProtobufWriter, { name, image, environment, port }: Workload): void {
  container
    .text(1, name)
    .text(2, image)
    .texts(4, ['--config=/etc/app/config.yaml', `--listen=:${port}`, '--log-format=json']);
  container.text(5, '');
  for (const [portName, number] of [
    ['http', port],
    ['metrics', 9090],
  ] as const)
    container.message(6, (entry) => entry.text(1, portName).number(2, 0).number(3, number).text(4, 'TCP').text(5, ''));
  for (const [variable, value] of environment) container.message(7, (entry) => entry.text(1, variable).text(2, value));
  container.message(8, (resources) => {
    for (const [field, cpu, memory] of [
      [1, '500m', '512Mi'],
      [2, '100m', '128Mi'],
    ] as const)
      for (const [resource, amount] of [
        ['cpu', cpu],
        ['memory', memory],
      ] as const)
        resources.message(field, (entry) => entry.text(1, resource).message(2, (quantity) => quantity.text(1, amount)));
  });
  container.message(9, (mount) => mount.text(1, 'config').number(2, 1).text(3, '/etc/app').text(4, ''));
  for (const [field, path] of [
    [10, '/livez'],
    [11, '/readyz'],
  ] as const)
    container.message(field, (probe) =>
      probe
        .message(1, (handler) =>
          handler.message(2, (get) =>
            get
              .text(1, path)
              .message(2, (to) => to.number(1, 1).number(2, 0).text(3, 'http'))
              .text(3, '')
              .text(4, 'HTTP'),
          ),
        )
        .number(2, 10)
        .number(3, 1)
        .number(4, 10)
        .number(5, 1)
        .number(6, 3),
    );
  container.text(13, '/dev/termination-log').text(14, 'IfNotPresent');
  container.message(15, (context) =>
    context
      .message(1, (drop) => drop.text(2, 'ALL'))
      .number(6, 1)
      .number(7, 0),
  );
  container.number(16, 0).number(17, 0).number(18, 0).text(20, 'File');
}

const containerFields =
  '{".":{},"f:args":{},"f:env":{".":{},"k:{\\"name\\":\\"LOG_LEVEL\\"}":{".":{},"f:name":{},"f:value":{}},"k:{\\"name\\":\\"DATABASE_URL\\"}":{".":{},"f:name":{},"f:value":{}}},"f:image":{},"f:imagePullPolicy":{},"f:livenessProbe":{".":{},"f:failureThreshold":{},"f:httpGet":{".":{},"f:path":{},"f:port":{},"f:scheme":{}},"f:initialDelaySeconds":{},"f:periodSeconds":{},"f:successThreshold":{},"f:timeoutSeconds":{}},"f:name":{},"f:ports":{".":{},"k:{\\"containerPort\\":9090,\\"protocol\\":\\"TCP\\"}":{".":{},"f:containerPort":{},"f:name":{},"f:protocol":{}}},"f:readinessProbe":{".":{},"f:failureThreshold":{},"f:httpGet":{".":{},"f:path":{},"f:port":{},"f:scheme":{}},"f:periodSeconds":{},"f:successThreshold":{},"f:timeoutSeconds":{}},"f:resources":{".":{},"f:limits":{".":{},"f:cpu":{},"f:memory":{}},"f:requests":{".":{},"f:cpu":{},"f:memory":{}}},"f:securityContext":{".":{},"f:allowPrivilegeEscalation":{},"f:capabilities":{".":{},"f:drop":{}},"f:readOnlyRootFilesystem":{}},"f:terminationMessagePath":{},"f:terminationMessagePolicy":{},"f:volumeMounts":{".":{},"k:{\\"mountPath\\":\\"/etc/app\\"}":{".":{},"f:mountPath":{},"f:name":{},"f:readOnly":{}}}}';
const podSpecFields = (name: string) =>
  `"f:containers":{"k:{\\"name\\":\\"${name}\\"}":${containerFields}},"f:dnsPolicy":{},"f:enableServiceLinks":{},"f:restartPolicy":{},"f:schedulerName":{},"f:securityContext":{".":{},"f:fsGroup":{},"f:runAsNonRoot":{},"f:runAsUser":{}},"f:serviceAccount":{},"f:serviceAccountName":{},"f:terminationGracePeriodSeconds":{},"f:volumes":{".":{},"k:{\\"name\\":\\"config\\"}":{".":{},"f:configMap":{".":{},"f:defaultMode":{},"f:name":{}},"f:name":{}}}`;
const condition = (type: string) =>
  `"k:{\\"type\\":\\"${type}\\"}":{".":{},"f:lastProbeTime":{},"f:lastTransitionTime":{},"f:status":{},"f:type":{}}`;

export const fieldsOf = {
  pod: (workload: Workload, owner: string) =>
    `{"f:metadata":{"f:generateName":{},"f:labels":{".":{},"f:app.kubernetes.io/instance":{},"f:app.kubernetes.io/name":{},"f:pod-template-hash":{}},"f:ownerReferences":{".":{},"k:{\\"uid\\":\\"${owner}\\"}":{}}},"f:spec":{${podSpecFields(workload.name)}}}`,
  podStatus: (address: string) =>
    `{"f:status":{"f:conditions":{${['ContainersReady', 'Initialized', 'PodReadyToStartContainers', 'Ready'].map(condition).join(',')}},"f:containerStatuses":{},"f:hostIP":{},"f:hostIPs":{},"f:phase":{},"f:podIP":{},"f:podIPs":{".":{},"k:{\\"ip\\":\\"${address}\\"}":{".":{},"f:ip":{}}},"f:startTime":{}}}`,
  template: (workload: Workload) =>
    `{"f:metadata":{"f:annotations":{".":{},"f:deployment.kubernetes.io/revision":{}},"f:labels":{".":{},"f:app.kubernetes.io/instance":{},"f:app.kubernetes.io/name":{}}},"f:spec":{"f:progressDeadlineSeconds":{},"f:replicas":{},"f:revisionHistoryLimit":{},"f:selector":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}},"f:template":{"f:metadata":{"f:labels":{".":{},"f:app.kubernetes.io/instance":{},"f:app.kubernetes.io/name":{}}},"f:spec":{${podSpecFields(workload.name)}}}}}`,
  templateStatus:
    '{"f:status":{"f:availableReplicas":{},"f:conditions":{".":{},"k:{\\"type\\":\\"Available\\"}":{".":{},"f:lastTransitionTime":{},"f:lastUpdateTime":{},"f:message":{},"f:reason":{},"f:status":{},"f:type":{}}},"f:observedGeneration":{},"f:readyReplicas":{},"f:replicas":{},"f:updatedReplicas":{}}}',
  slice:
    '{"f:addressType":{},"f:endpoints":{},"f:metadata":{"f:annotations":{".":{},"f:endpoints.kubernetes.io/last-change-trigger-time":{}},"f:generateName":{},"f:labels":{".":{},"f:endpointslice.kubernetes.io/managed-by":{},"f:kubernetes.io/service-name":{}},"f:ownerReferences":{".":{}}},"f:ports":{}}',
  lease:
    '{"f:metadata":{"f:ownerReferences":{".":{}}},"f:spec":{"f:holderIdentity":{},"f:leaseDurationSeconds":{},"f:renewTime":{}}}',
  event:
    '{"f:count":{},"f:firstTimestamp":{},"f:involvedObject":{},"f:lastTimestamp":{},"f:message":{},"f:reason":{},"f:reportingComponent":{},"f:source":{"f:component":{},"f:host":{}},"f:type":{}}',
  data: '{"f:data":{".":{}},"f:metadata":{"f:labels":{".":{},"f:app.kubernetes.io/managed-by":{}}},"f:type":{}}',
} as const;

/** Some of what such values hold: connection strings, switches, addresses. */
export function environmentOf(random: SeededRandom, name: string, namespace: string): [string, string][] {
  const variables: [string, string][] = [
    ['LOG_LEVEL', random.one(['info', 'warn', 'debug'])],
    [
      'DATABASE_URL',
      `postgres://${name}@db-${random.suffix(5)}.${namespace}.svc.cluster.local:5432/${name}?sslmode=require`,
    ],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://otel-collector.observability.svc.cluster.local:4317'],
    ['REDIS_ADDR', `redis-master.${namespace}.svc.cluster.local:6379`],
  ];
  for (let extra = random.below(6); extra > 0; extra -= 1)
    variables.push([`FEATURE_${random.suffix(6).toUpperCase()}_ENABLED`, random.one(['true', 'false'])]);
  return variables;
}
