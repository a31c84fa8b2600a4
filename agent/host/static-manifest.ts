import { posix } from 'node:path';
import * as v from 'valibot';
import { Failure, messageOf } from '../../core/failure.ts';
import { parseBoundedYaml } from './bounded-yaml.ts';
import { recogniseEtcd } from './command-line.ts';
import type { Invocation } from './command-line.ts';

// Kubernetes treats null as absent, everywhere.
const list = <Item extends v.GenericSchema>(item: Item) =>
  v.optional(
    v.pipe(
      v.nullable(v.array(item)),
      v.transform((items) => items ?? []),
    ),
    [],
  );
const text = v.nullish(v.string());
const container = v.object({
  name: v.string(),
  image: text,
  command: list(v.string()),
  args: list(v.string()),
  env: list(
    v.object({
      name: v.string(),
      value: text,
      valueFrom: v.nullish(v.object({ fieldRef: v.nullish(v.object({ fieldPath: v.string() })) })),
    }),
  ),
  volumeMounts: list(v.object({ name: v.string(), mountPath: v.string(), subPath: text, subPathExpr: text })),
});
const pod = v.object({
  kind: v.literal('Pod'),
  metadata: v.object({ name: v.string(), namespace: text, labels: v.nullish(v.record(v.string(), v.unknown())) }),
  spec: v.object({
    containers: v.array(container),
    volumes: list(v.object({ name: v.string(), hostPath: v.nullish(v.object({ path: v.string() })) })),
  }),
});
export type Pod = v.InferOutput<typeof pod>;
type Container = Pod['spec']['containers'][number];

/** A container of a static pod, with what the kubelet would fill in filled in. */
export interface PodContainer {
  readonly podName: string;
  readonly namespace: string;
  readonly name: string;
  readonly image: string | undefined;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that only the kubelet knows (the pod's address): their references stand in `argv` as they are. */
  readonly unknownVariables: readonly string[];
  /** Where a path inside the container is on the host; undefined where no hostPath volume holds it. */
  readonly hostPath: (inside: string) => string | undefined;
}

export interface EtcdContainer extends PodContainer {
  readonly invocation: Exclude<Invocation, { readonly kind: 'other' }>;
}

/**
 * A static manifest, YAML or JSON. As the kubelet does, only its first document counts.
 * @returns undefined for an empty file and for objects of another kind.
 * @throws {Failure} `manifest-unreadable`, and nothing else, whatever the bytes are; aliases are expanded a hundredfold at most.
 */
export function parseManifest(bytes: Buffer, file: string): Pod | undefined {
  const value = parseFirstDocument(bytes, file);
  if (typeof value !== 'object' || value === null || !('kind' in value) || value.kind !== 'Pod') return undefined;
  const result = v.safeParse(pod, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw unreadable(file, `${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`);
}

function parseFirstDocument(bytes: Buffer, file: string): unknown {
  try {
    return parseBoundedYaml(bytes.toString('utf8'));
  } catch (cause) {
    throw unreadable(file, messageOf(cause), cause);
  }
}

/** The container of this pod that runs an etcd member, if one does. `node` is the node's name, which the kubelet appends to the pod's. */
export function etcdContainer(manifest: Pod, node: string): EtcdContainer | undefined {
  const labels = manifest.metadata.labels ?? {};
  const labelled = labels['component'] === 'etcd';
  const read = manifest.spec.containers.map((each) => ({ each, filled: readContainer(manifest, each, node) }));
  for (const { filled } of read) {
    const invocation = recogniseEtcd(filled.argv);
    if (invocation.kind === 'etcd')
      return { ...filled, environment: { ...filled.environment, ...invocation.environment }, invocation };
  }
  for (const { each, filled } of read) {
    const ofEtcdImage = imageName(each.image) === 'etcd';
    // Without a command the image's own program runs, and in etcd's images that is etcd.
    if (ofEtcdImage && each.command.length === 0) {
      return { ...filled, invocation: { kind: 'etcd', words: filled.argv, environment: {} } };
    }
    const invocation = recogniseEtcd(filled.argv);
    if (invocation.kind === 'script' && (labelled || ofEtcdImage)) return { ...filled, invocation };
  }
  return undefined;
}

/** A container of a static pod by the name of the program it runs (`kube-apiserver`). */
export function containerRunning(manifest: Pod, program: string, node: string): PodContainer | undefined {
  return manifest.spec.containers
    .map((each) => readContainer(manifest, each, node))
    .find(
      ({ argv, name }) =>
        posix.basename(argv[0] ?? '') === program || (name === program && argv[0]?.startsWith('-') === true),
    );
}

function readContainer(manifest: Pod, given: Container, node: string): PodContainer {
  const namespace = manifest.metadata.namespace ?? 'default';
  const fields: Readonly<Record<string, string>> = {
    'spec.nodeName': node,
    'metadata.name': `${manifest.metadata.name}-${node}`,
    'metadata.namespace': namespace,
  };
  const environment: Record<string, string> = {};
  const unknown = new Set<string>();
  for (const { name, value, valueFrom } of given.env) {
    const field = fields[valueFrom?.fieldRef?.fieldPath ?? ''];
    if (valueFrom === null || valueFrom === undefined) environment[name] = expand(value ?? '', environment);
    else if (field === undefined) unknown.add(name);
    else environment[name] = field;
  }
  return {
    podName: manifest.metadata.name,
    namespace,
    name: given.name,
    image: given.image ?? undefined,
    argv: [...given.command, ...given.args].map((word) => expand(word, environment)),
    environment,
    unknownVariables: [...unknown].filter((name) =>
      [...given.command, ...given.args].some((word) => word.includes(`$(${name})`)),
    ),
    hostPath: (inside) => hostPathOf(manifest, given, inside),
  };
}

/** `$(NAME)` as the kubelet replaces it: names that it does not know stay, `$$` is a dollar sign (k8s third_party/forked/golang/expansion). */
function expand(word: string, environment: Readonly<Record<string, string>>): string {
  return word.replace(/\$\$|\$\(([^)]*)\)/g, (whole: string, name: string | undefined) => {
    if (name === undefined) return '$';
    return Object.hasOwn(environment, name) ? (environment[name] ?? whole) : whole;
  });
}

function hostPathOf(manifest: Pod, { volumeMounts }: Container, inside: string): string | undefined {
  if (!inside.startsWith('/')) return undefined;
  const path = posix.normalize(inside);
  const mount = volumeMounts
    .map((each) => ({ ...each, at: posix.normalize(`${each.mountPath}/`) }))
    .filter(({ at }) => `${path}/`.startsWith(at))
    .sort((one, other) => other.at.length - one.at.length)[0];
  const volume = manifest.spec.volumes.find(({ name }) => name === mount?.name)?.hostPath?.path;
  if (mount === undefined || volume === undefined || (mount.subPathExpr ?? '') !== '') return undefined;
  const below = `${path}/`.slice(mount.at.length);
  return posix.join('/', volume, mount.subPath ?? '', below).replace(/(?<=.)\/$/, '');
}

/** `registry.k8s.io/etcd:3.5.16-0` is `etcd`. */
function imageName(image: string | null | undefined): string | undefined {
  return /([^/:@]+)(?::[^/@]*)?(?:@.*)?$/.exec(image ?? '')?.[1];
}

function unreadable(file: string, why: string, cause?: unknown): Failure {
  return new Failure({ reason: 'manifest-unreadable', what: `cannot read the static manifest ${file}`, why, cause });
}
