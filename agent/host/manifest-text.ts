import { isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Node, YAMLMap } from 'yaml';
import { exitCode, Failure, messageOf } from '../../core/failure.ts';
import { parseBoundedDocument } from './bounded-yaml.ts';
import { etcdContainer, parseManifest } from './static-manifest.ts';
import type { EtcdContainer, Pod } from './static-manifest.ts';

/** A static manifest of etcd as its text, as what it says, and as nodes that know where in the text they stand. */
export interface ManifestText {
  readonly text: string;
  /** For messages. */
  readonly file: string;
  readonly container: EtcdContainer;
  /** Where the container stands among the values: `spec/containers/0`. */
  readonly containerPath: string;
  readonly containerNode: YAMLMap;
  /** The pod as plain values, fields included that nothing here knows. */
  readonly values: unknown;
  /** Its environment as it is written; positions are those of the nodes. */
  readonly variables: Pod['spec']['containers'][number]['env'];
  /** What an alias stands for; any other node is itself. */
  readonly follow: (node: unknown) => Node | undefined;
  /** The value of a map's key, aliases followed; the last of equal keys, as for the kubelet. Undefined also where a merge (`<<`) supplies it. */
  readonly valueOf: (map: unknown, key: string) => Node | undefined;
}

/** What takes the place of the characters from `start` up to `end`. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The node's name matters only to variables that stand for it; what is written never uses one. */
const anyNode = 'node';

/** @throws {Failure} `manifest-unreadable`; `manifest-not-editable` where the text is no manifest of etcd. */
export function readManifestText(text: string, file: string): ManifestText {
  const pod = parseManifest(Buffer.from(text), file);
  const container = pod === undefined ? undefined : etcdContainer(pod, anyNode);
  if (pod === undefined || container === undefined) throw notEditable(file, 'it does not run etcd');
  const document = parseBoundedDocument(text);
  const follow = (node: unknown): Node | undefined => {
    const target = isAlias(node) && document !== undefined ? node.resolve(document) : node;
    return isNode(target) ? target : undefined;
  };
  const valueOf = (map: unknown, key: string): Node | undefined =>
    isMap(map) ? follow(map.items.findLast((pair) => isScalar(pair.key) && pair.key.value === key)?.value) : undefined;
  const index = pod.spec.containers.findIndex(({ name }) => name === container.name);
  const list = valueOf(valueOf(document?.contents, 'spec'), 'containers');
  const containerNode = isSeq(list) ? follow(list.items[index]) : undefined;
  if (!isMap(containerNode)) throw notEditable(file, 'its container does not stand in it as a map of its own');
  const values: unknown = document?.toJS({ maxAliasCount: 100 });
  return {
    text,
    file,
    container,
    containerPath: `spec/containers/${index}`,
    containerNode,
    values,
    variables: pod.spec.containers[index]?.env ?? [],
    follow,
    valueOf,
  };
}

/** @throws {RangeError} where two edits overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let edited = '';
  let at = 0;
  for (const edit of [...edits].sort((one, other) => one.start - other.start || one.end - other.end)) {
    if (edit.start < at) throw new RangeError('two edits overlap');
    edited += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return edited + text.slice(at);
}

/**
 * The manifest with these edits, read again. Nothing may then differ but at the given paths (`spec/containers/0/args`) and below: what an
 * unforeseen layout turns an edit into is found out here, before anything is touched.
 * @throws {Failure} `manifest-not-editable`.
 */
export function editManifest(before: ManifestText, edits: readonly Edit[], mayChange: readonly string[]): ManifestText {
  let after: ManifestText;
  try {
    after = readManifestText(applyEdits(before.text, edits), before.file);
  } catch (thrown) {
    throw notEditable(before.file, `the edited manifest could not be read: ${messageOf(thrown)}`, thrown);
  }
  const changed = changedPaths(before.values, after.values).find(
    (path) => !mayChange.some((allowed) => path === allowed || path.startsWith(`${allowed}/`)),
  );
  if (changed !== undefined) throw notEditable(before.file, `${changed} would change with it`);
  return after;
}

/** Where two values differ: the places of what is in one alone, or is another scalar. */
function changedPaths(one: unknown, other: unknown, path = ''): string[] {
  if (Object.is(one, other)) return [];
  const [fields, others] = [fieldsOf(one), fieldsOf(other)];
  if (fields === undefined || others === undefined || Array.isArray(one) !== Array.isArray(other)) return [path];
  return [...new Set([...fields.keys(), ...others.keys()])].flatMap((key) => {
    const below = path === '' ? key : `${path}/${key}`;
    return fields.has(key) && others.has(key) ? changedPaths(fields.get(key), others.get(key), below) : [below];
  });
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}

export function notEditable(file: string, why: string, cause?: unknown, next?: string): Failure {
  return new Failure({
    reason: 'manifest-not-editable',
    what: `cannot change how ${file} runs etcd without changing more`,
    why,
    next: next ?? `write ${file} plainly, each word of etcd's command on a line of its own; nothing was touched`,
    exit: exitCode.refused,
    cause,
  });
}
