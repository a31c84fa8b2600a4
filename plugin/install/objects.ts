import { createHash } from 'node:crypto';
import { parseAllDocuments } from 'yaml';
import * as v from 'valibot';
import daemonSetText from '../../manifests/daemonset.yaml';
import namespaceText from '../../manifests/namespace.yaml';
import rbacText from '../../manifests/rbac.yaml';
import { exitCode, Failure } from '../../core/failure.ts';
import { programVersion } from '../../core/version.ts';
import { clusterNameAnnotation, templateLabel, versionLabel } from '../cluster/cluster.ts';
import type { KubernetesObject } from '../cluster/cluster.ts';

const anObject = v.looseObject({
  apiVersion: v.string(),
  kind: v.string(),
  metadata: v.looseObject({ name: v.string() }),
});

const daemonSet = v.looseObject({
  ...anObject.entries,
  kind: v.literal('DaemonSet'),
  spec: v.looseObject({
    template: v.looseObject({
      metadata: v.looseObject({
        labels: v.record(v.string(), v.string()),
        annotations: v.optional(v.record(v.string(), v.string())),
      }),
      spec: v.looseObject({
        containers: v.tuple([
          v.looseObject({
            image: v.string(),
            env: v.array(v.looseObject({ name: v.string(), value: v.optional(v.string()) })),
          }),
        ]),
      }),
    }),
  }),
});

/** Everything that an installation consists of, in the order in which it is created: manifests/, with the choices made at install. */
export function installationObjects(options: {
  readonly clusterName: string;
  readonly image?: string | undefined;
  /** Of the agents, for other machines; what stands in the manifest where undefined. */
  readonly port?: number | undefined;
}): KubernetesObject[] {
  return [...documents(namespaceText), ...documents(rbacText), agentDaemonSetWith(options)];
}

function agentDaemonSetWith(options: {
  readonly clusterName: string;
  readonly image?: string | undefined;
  /** Of the agents, for other machines; what stands in the manifest where undefined. */
  readonly port?: number | undefined;
}): KubernetesObject {
  const [document] = documents(daemonSetText);
  const set = v.parse(daemonSet, document);
  const { metadata, spec } = set.spec.template;
  const [container] = spec.containers;
  metadata.labels[versionLabel] = programVersion;
  metadata.annotations = { ...metadata.annotations, [clusterNameAnnotation]: options.clusterName };
  container.image = options.image ?? container.image;
  const values = new Map([
    ['KUBECTL_ETCD_CLUSTER_NAME', options.clusterName],
    ['KUBECTL_ETCD_IMAGE', container.image],
    ...(options.port === undefined ? [] : [['KUBECTL_ETCD_PORT', String(options.port)] as const]),
  ]);
  for (const variable of container.env) variable.value = values.get(variable.name) ?? variable.value;
  metadata.labels[templateLabel] = templateOf(set);
  return set;
}

/** The same for the same choices, so that installing again replaces nothing. */
function templateOf(set: v.InferOutput<typeof daemonSet>): string {
  return createHash('sha256').update(JSON.stringify(set.spec.template)).digest('hex').slice(0, 10);
}

/** What pods of the DaemonSet among `objects` carry as `templateLabel`. */
export function templateIn(objects: readonly KubernetesObject[]): string | undefined {
  const set = objects.find(({ kind }) => kind === 'DaemonSet');
  return v.parse(daemonSet, set).spec.template.metadata.labels[templateLabel];
}

function documents(text: string): v.InferOutput<typeof anObject>[] {
  return parseAllDocuments(text).map((document) => v.parse(anObject, document.toJS()));
}

/**
 * The name stands in file names and is typed in questions.
 * @throws {Failure} `bad-cluster-name`.
 */
export function checkedClusterName(name: string): string {
  if (/^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$/i.test(name)) return name;
  throw new Failure({
    reason: 'bad-cluster-name',
    what: `"${name}" cannot be a cluster's name`,
    why: 'it becomes part of file names: letters, digits, dots and dashes, 63 at most',
    next: 'choose one with --name, as prod-eu1',
    exit: exitCode.usage,
  });
}
