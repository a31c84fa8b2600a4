/**
 * Makes core/snapshot/kubernetes/messages.generated.ts: the numbers, names and types of the fields of Kubernetes' built-in objects, as facts.
 * Usage: node hack/kubernetes-messages.ts DIRECTORY VERSION
 * where DIRECTORY is src/k8s.io of Debian's golang-k8s-api-dev and golang-k8s-apimachinery-dev, unpacked. Field numbers and types come from
 * the generated.proto files; how a field is spelt in JSON, and whether it is left out when empty, from the tags beside them in the Go types.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

interface GoField {
  readonly json: string;
  readonly omitEmpty: boolean;
  readonly inline: boolean;
  readonly pointer: boolean;
}

/** Fields that older releases wrote and this one no longer names; their numbers are never given to others. */
const former: Readonly<Record<string, readonly string[]>> = { '~apis.meta.v1.ObjectMeta': ['15 clusterName string o'] };

const [, , directory, version] = process.argv;
if (directory === undefined || version === undefined) {
  process.stderr.write('usage: node hack/kubernetes-messages.ts DIRECTORY VERSION\n');
  process.exit(2);
}

const groups = new Map<string, string>();
const messages: string[] = [];
for (const file of globSync('**/generated.proto', { cwd: directory }).sort()) {
  if (file.includes('testapigroup')) continue;
  const folder = path.dirname(path.join(directory, file));
  const go = goSources(folder);
  const text = readFileSync(path.join(directory, file), 'utf8');
  const packageName = /^package ([\w.]+);/m.exec(text)?.[1] ?? '';
  const group = /^const GroupName = "([^"]*)"/m.exec(go)?.[1];
  if (group !== undefined && packageName.startsWith('k8s.io.api.'))
    groups.set(group, packageName.replace(/\.v\w+$/, ''));
  const fields = goFields(go);
  const aliases = new Set([...go.matchAll(/^type (\w+) (?:\[\]|map\[)/gm)].map(([, name]) => name ?? ''));
  for (const [, name = '', body = ''] of text.matchAll(/^message (\w+) \{\n([\s\S]*?)^\}/gm)) {
    const short = shortName(`${packageName}.${name}`);
    const lines = [...protoFields(packageName, name, body, fields), ...(former[short] ?? [])];
    messages.push([`${aliases.has(name) ? '=' : ''}${short}`, ...lines].join('\n'));
  }
}

const out = path.join(import.meta.dirname, '../core/snapshot/kubernetes/messages.generated.ts');
const groupLines = [...groups].sort().map(([group, name]) => `${group} ${name}`);
writeFileSync(
  out,
  `/* eslint max-lines: 0 -- data, made by hack/kubernetes-messages.ts */
/** The release of Kubernetes whose messages these are. */
export const messagesVersion = '${version}';

/** API group and the package of its messages, without the version. */
export const groupText = \`${groupLines.join('\n')}\`;

/**
 * Messages, an empty line between them; the first line is the name (\`=\` before one that JSON spells as its only field), then a field a line: number, name in JSON, type, marks.
 * Types: \`.\` stands for k8s.io.api., \`~\` for k8s.io.apimachinery.pkg. Marks: r repeated, m map by string, o left out when empty, p pointer, i inline.
 */
export const messageText = \`${messages.join('\n\n')}\`;
`,
);
process.stderr.write(`${messages.length} messages of ${groups.size} groups\n`);

function goSources(folder: string): string {
  return globSync('*.go', { cwd: folder })
    .filter((file) => !/_test\.go$|^generated|zz_generated|swagger/.test(file))
    .map((file) => readFileSync(path.join(folder, file), 'utf8'))
    .join('\n');
}

/** By `Struct.number`. */
function goFields(source: string): Map<string, GoField> {
  const found = new Map<string, GoField>();
  for (const [, struct = '', body = ''] of source.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm))
    for (const [, declared = '', tags = ''] of body.matchAll(/^\s*([^/\n`]+?)\s*`([^`\n]*)`/gm)) {
      const number = /protobuf:"[^,"]*,(\d+)/.exec(tags)?.[1];
      const json = /json:"([^"]*)"/.exec(tags)?.[1]?.split(',');
      if (number === undefined || json === undefined) continue;
      found.set(`${struct}.${number}`, {
        json: json[0] ?? '',
        omitEmpty: json.includes('omitempty'),
        inline: json.includes('inline'),
        pointer: (declared.split(/\s+/).at(-1) ?? '').startsWith('*'),
      });
    }
  return found;
}

function protoFields(packageName: string, message: string, body: string, go: ReadonlyMap<string, GoField>): string[] {
  const found: string[] = [];
  for (const [, label = '', type = '', name = '', number = ''] of body.matchAll(
    /^ {2}(optional |repeated |required )?(map<[^>]+>|[.\w]+) (\w+) = (\d+);/gm,
  )) {
    const tag = go.get(`${message}.${number}`);
    const mapValue = /^map<string, ?([.\w]+)>$/.exec(type)?.[1];
    const marks = [
      label === 'repeated ' ? 'r' : '',
      mapValue === undefined ? '' : 'm',
      tag?.omitEmpty === true ? 'o' : '',
      tag?.pointer === true ? 'p' : '',
      tag?.inline === true ? 'i' : '',
    ].join('');
    const spelt = tag === undefined || tag.json === '' || tag.json === '-' ? name : tag.json;
    found.push([number, spelt, typeName(packageName, mapValue ?? type), marks].join(' ').trimEnd());
  }
  return found;
}

/** Scalars as they are; messages with their package. */
function typeName(packageName: string, type: string): string {
  if (/^(string|bytes|bool|u?int(32|64)|double|float|s?fixed(32|64)|sint(32|64))$/.test(type)) return type;
  return shortName(type.includes('.') ? type.replace(/^\./, '') : `${packageName}.${type}`);
}

function shortName(name: string): string {
  return name.replace(/^k8s\.io\.apimachinery\.pkg\./, '~').replace(/^k8s\.io\.api\./, '.');
}
