import { isDeepStrictEqual } from 'node:util';
import { isMap, isSeq } from 'yaml';
import type { YAMLSeq } from 'yaml';
import type { FoundFlag } from './flags.ts';
import { readManifestCommand, wordsOf } from './manifest-command.ts';
import type { ManifestCommand, Word } from './manifest-command.ts';
import { editManifest, notEditable, readManifestText } from './manifest-text.ts';
import type { Edit } from './manifest-text.ts';
import { appendWords, removeItems } from './yaml-list.ts';
import { rewriteWord } from './yaml-word.ts';

/** What etcd's flags shall be, by their names without dashes; undefined takes a flag out. */
export type WantedFlags = ReadonlyMap<string, string | undefined>;

/**
 * Sets flags of etcd in a static pod's manifest, YAML or JSON, and leaves every other character as it is. A flag that is there gets its new value
 * where it stands (of several of one name the last, which is the one that counts), a new one comes last, in the style of its neighbour. Where an
 * environment variable holds the value (ETCD_INITIAL_CLUSTER), that is changed: etcd does not start with flag and variable both (pkg/flags/flag.go,
 * verifyEnv). Taking out what this put in gives back the manifest as it was, and doing the same twice changes nothing.
 *
 * The edited manifest is read again before it is given out, and says what was wanted and nothing else that is new.
 * @param file for messages.
 * @throws {Failure} `manifest-unreadable`; `manifest-not-editable` where etcd reads a configuration file (its flags then count for nothing), runs
 *   behind a shell, or is laid out in a way that would change more.
 */
export function setEtcdFlags(text: string, wanted: WantedFlags, file = "etcd's static manifest"): string {
  const before = readManifestCommand(readManifestText(text, file));
  const { edits, mayChange } = editsFor(before, wanted);
  if (edits.length === 0 && [...wanted].every(([name, value]) => before.options.get(name) === value)) return text;
  const after = readManifestCommand(editManifest(before.manifest, edits, mayChange));
  assertAsWanted(before, after, wanted);
  return after.manifest.text;
}

/** What is to be written, and where among the values that shows. @throws {Failure} `manifest-not-editable`. */
function editsFor(
  command: ManifestCommand,
  wanted: WantedFlags,
): { readonly edits: Edit[]; readonly mayChange: string[] } {
  const { text, file, containerPath } = command.manifest;
  const edits: Edit[] = [];
  const mayChange = [`${containerPath}/command`, `${containerPath}/args`];
  const added: string[] = [];
  const removed = new Map<YAMLSeq, Set<number>>();
  for (const [name, value] of wanted) {
    const found = command.flags.filter((flag) => flag.name === name);
    const last = found.at(-1);
    if (value === undefined) {
      for (const word of found.flatMap((flag) => wordsOf(command, flag))) remove(removed, word);
    } else if (last !== undefined) {
      if (last.value !== value) edits.push(flagEdit(command, last, value));
    } else if (command.options.get(name) !== value) {
      const variable = variableEdit(command, name, value);
      if (variable === undefined) added.push(`--${name}=${forKubelet(value)}`);
      else {
        edits.push(variable.edit);
        mayChange.push(variable.path);
      }
    }
  }
  // Behind the last word that stays.
  const lastList = command.lists.findLast((list) => list.items.length > (removed.get(list)?.size ?? 0));
  const listEdits = [
    ...[...removed].map(([list, indexes]) => removeItems(text, list, indexes)),
    added.length === 0 ? [] : lastList && appendWords(text, lastList, added),
  ];
  for (const found of listEdits) {
    if (found === undefined) throw notEditable(file, "its list of etcd's flags is laid out in an unusual way");
    edits.push(...found);
  }
  return { edits, mayChange };
}

function remove(removed: Map<YAMLSeq, Set<number>>, { list, index }: Word): void {
  removed.set(list, (removed.get(list) ?? new Set()).add(index));
}

/** @throws {Failure} `manifest-not-editable`. */
function flagEdit(command: ManifestCommand, flag: FoundFlag, value: string): Edit {
  const { text, file } = command.manifest;
  const [first, second] = wordsOf(command, flag);
  const dashes = /^--?/.exec(first?.text ?? '')?.[0] ?? '--';
  const edit =
    second === undefined
      ? first && rewriteItem(text, first, `${dashes}${flag.name}=${forKubelet(value)}`)
      : rewriteItem(text, second, forKubelet(value));
  if (edit === undefined) throw notEditable(file, `--${flag.name} does not stand in it as a word of its own`);
  return edit;
}

function rewriteItem(text: string, { list, index }: Word, word: string): Edit | undefined {
  return rewriteWord(text, list.items[index], word, list.flow === true);
}

/**
 * Another value for the flag's variable, where the container's environment has it, be it empty.
 * @throws {Failure} `manifest-not-editable` where only the kubelet knows its value.
 */
function variableEdit(
  { manifest }: ManifestCommand,
  flag: string,
  value: string,
): { readonly edit: Edit; readonly path: string } | undefined {
  const { text, file, containerNode, containerPath, variables, follow, valueOf } = manifest;
  const name = variableOf(flag);
  const index = variables.findLastIndex((variable) => variable.name === name);
  if (index === -1) return undefined;
  const list = valueOf(containerNode, 'env');
  const item = isSeq(list) ? follow(list.items[index]) : undefined;
  const node = valueOf(item, 'value');
  const edit =
    isMap(item) && node !== undefined && typeof variables[index]?.value === 'string'
      ? rewriteWord(text, node, forKubelet(value), item.flow === true)
      : undefined;
  if (edit !== undefined) return { edit, path: `${containerPath}/env/${index}/value` };
  throw notEditable(
    file,
    `${name} stands in its environment without a value of its own, and etcd starts with no flag beside it`,
    undefined,
    `give etcd --${flag} as a flag in ${file}, and take ${name} out of env`,
  );
}

/** What was not wanted otherwise is read as before, and what was wanted is there. */
function assertAsWanted(before: ManifestCommand, after: ManifestCommand, wanted: WantedFlags): void {
  const { file } = before.manifest;
  for (const [name, value] of wanted) {
    if (after.options.get(name) === value) continue;
    const variable = value === undefined && !after.flags.some((flag) => flag.name === name);
    throw notEditable(
      file,
      variable ? `${variableOf(name)} in its environment still sets --${name}` : `--${name} would not count`,
    );
  }
  const rest = ({ program, flags, others, options }: ManifestCommand) => [
    program,
    flags.filter(({ name }) => !wanted.has(name)).map(({ name, value }) => [name, value]),
    others,
    new Map([...options].filter(([name]) => !wanted.has(name))),
  ];
  if (!isDeepStrictEqual(rest(before), rest(after))) throw notEditable(file, 'other flags would change with it');
}

/** The kubelet puts variables in: `$$` is a dollar sign (k8s third_party/forked/golang/expansion). */
function forKubelet(value: string): string {
  return value.replaceAll('$', () => '$$');
}

/** The variable in which etcd looks for a flag that it is not given. */
export function variableOf(flag: string): string {
  return `ETCD_${flag.toUpperCase().replaceAll('-', '_')}`;
}
