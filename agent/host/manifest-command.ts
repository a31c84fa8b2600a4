import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isSeq } from 'yaml';
import type { YAMLSeq } from 'yaml';
import { shells } from './command-line.ts';
import { findFlags, readCommandLine } from './flags.ts';
import type { EtcdOptions, FoundFlag } from './flags.ts';
import { notEditable } from './manifest-text.ts';
import type { ManifestText } from './manifest-text.ts';

/** A word of etcd's command line, as etcd sees it, and the list that it stands in. */
export interface Word {
  readonly text: string;
  readonly list: YAMLSeq;
  readonly index: number;
}

/** How a manifest runs etcd, word by word. */
export interface ManifestCommand {
  readonly manifest: ManifestText;
  /** What stands before the flags: `etcd`, `tini -- etcd`. */
  readonly program: readonly string[];
  readonly flags: readonly FoundFlag[];
  /** Words that are no flags, at the end. */
  readonly others: readonly string[];
  readonly options: EtcdOptions;
  /** The words of the flags and what follows them. */
  readonly words: readonly Word[];
  /** The lists that they stand in, in the order in which they count. */
  readonly lists: readonly YAMLSeq[];
}

/** @throws {Failure} `manifest-not-editable` where a flag would not be read, or not be found again. */
export function readManifestCommand(manifest: ManifestText): ManifestCommand {
  const { container, containerNode, file, valueOf } = manifest;
  const { argv, invocation, environment } = container;
  const firstFlag = argv.findIndex((word) => /^--?\w/.test(word));
  const leading = firstFlag === -1 ? argv : argv.slice(0, firstFlag);
  if (invocation.kind === 'script' || leading.some((word) => shells.has(posix.basename(word))))
    throw notEditable(
      file,
      'it runs etcd through a shell',
      undefined,
      `let ${file} run etcd itself: command: [etcd, --name=...]`,
    );
  const { options, configFile } = readCommandLine({ words: invocation.words, environment });
  if (configFile !== undefined)
    throw notEditable(
      file,
      `etcd reads the configuration file ${configFile}, and no flag counts then`,
      undefined,
      `write what ${configFile} says as flags into ${file}, without --config-file`,
    );
  const lists = ['command', 'args'].map((key) => valueOf(containerNode, key)).filter((list) => isSeq(list));
  const places = lists.flatMap((list) => list.items.map((_, index) => ({ list, index })));
  const at = argv.length - invocation.words.length;
  if (places.length === 0 || places.length !== argv.length || !isDeepStrictEqual(argv.slice(at), invocation.words))
    throw notEditable(file, "etcd's command does not stand in its container as a list of words");
  const flags = findFlags(invocation.words);
  const end = flags.at(-1);
  return {
    manifest,
    program: argv.slice(0, at),
    flags,
    others: invocation.words.slice(end === undefined ? 0 : end.at + end.words),
    options,
    words: places.slice(at).map((place, index): Word => ({ ...place, text: invocation.words[index] ?? '' })),
    lists,
  };
}

/** The words that a flag is made of. */
export function wordsOf({ words }: ManifestCommand, { at, words: count }: FoundFlag): readonly Word[] {
  return words.slice(at, at + count);
}
