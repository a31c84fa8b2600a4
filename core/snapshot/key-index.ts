/**
 * A snapshot's keys in their order, kept between commands: the file itself has them in the order of revisions, so that whoever looks for one after
 * another would scan gigabytes each time. Holds names and numbers, never values.
 *
 * Sorted runs as they were gathered, then a directory of their blocks (JSON), its CRC-32 and its length. Nothing of it is believed that is not what was
 * written: without a whole directory of this very snapshot there is no index, and each block is told by its checksum when it is read.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { crc32 } from 'node:zlib';
import * as v from 'valibot';
import { Failure, systemCode } from '../failure.ts';
import type { KeyRun } from './key-run.ts';
import type { KeyRecord } from './revision-match.ts';
import { endOf, mergeRuns, readRun, writeRun } from './run-file.ts';
import type { StoredRun } from './run-file.ts';
import { openFile } from './source.ts';
import type { RandomAccess } from './source.ts';

const format = 'kubectl-etcd keys 2';
const suffix = '.keys';
const partSuffix = '.part';
/** Of the snapshots looked into last. */
const mostKept = 8;
/** What is still being written is younger. */
const abandonedMs = 24 * 3_600_000;
/** CRC-32 and length of the directory. */
const tailBytes = 8;

/** First key, length and CRC-32 of each block of each run: one lies behind the other. */
const directoryShape = v.object({
  format: v.literal(format),
  identity: v.string(),
  runs: v.array(v.array(v.tuple([v.string(), v.number(), v.number()]))),
});
type Directory = v.InferOutput<typeof directoryShape>;

export class KeyIndex implements AsyncDisposable {
  readonly #source: RandomAccess;
  readonly #runs: readonly StoredRun[];

  /** The one of this snapshot; undefined where there is none, or none that can be used. */
  static async open(directory: string, identity: string): Promise<KeyIndex | undefined> {
    const source = await openFile(fileOf(directory, identity)).catch(() => undefined);
    if (source === undefined) return undefined;
    const runs = await readDirectory(source, identity).catch(unlessFailure);
    if (runs !== undefined) return new KeyIndex(source, runs);
    await source[Symbol.asyncDispose]();
    return undefined;
  }

  private constructor(source: RandomAccess, runs: readonly StoredRun[]) {
    this.#source = source;
    this.#runs = runs;
  }

  /** The keys that begin with a prefix, ascending. @throws {Failure} where a part of it is damaged or cannot be read. */
  range(prefix: string): AsyncGenerator<KeyRecord, void, undefined> {
    const read = async (offset: number, lengthBytes: number) => await this.#source.read(offset, lengthBytes);
    return mergeRuns(this.#runs.map((run) => readRun(read, run, prefix)));
  }

  /** @throws as `range`. */
  async get(key: string): Promise<KeyRecord | undefined> {
    for await (const record of this.range(key)) return record.key === key ? record : undefined;
    return undefined;
  }

  /** Of no use any more: it is made anew when it is wanted. */
  async remove(): Promise<void> {
    await rm(this.#source.name, { force: true }).catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source[Symbol.asyncDispose]();
  }
}

function unlessFailure(thrown: unknown): undefined {
  if (!(thrown instanceof Failure)) throw thrown;
  return undefined;
}

async function readDirectory(source: RandomAccess, identity: string): Promise<StoredRun[] | undefined> {
  const endBytes = source.sizeBytes - tailBytes;
  if (endBytes < 0) return undefined;
  const tail = await source.read(endBytes, tailBytes);
  const lengthBytes = tail.readUInt32LE(4);
  if (lengthBytes > endBytes) return undefined;
  const text = await source.read(endBytes - lengthBytes, lengthBytes);
  if (crc32(text) !== tail.readUInt32LE(0)) return undefined;
  const { success, output } = v.safeParse(directoryShape, parsedJson(text));
  if (!success || output.identity !== identity) return undefined;
  let offset = 0;
  const runs = output.runs.map((blocks) =>
    blocks.map(([firstKey, blockBytes, crc]) => {
      offset += blockBytes;
      return { offset: offset - blockBytes, lengthBytes: blockBytes, firstKey, crc };
    }),
  );
  return offset === endBytes - lengthBytes ? runs : undefined;
}

function parsedJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Writes the index of a snapshot, for its owner alone (0600), and forgets the oldest of others. It is there whole or not at all.
 * @param runs as `readRuns` gives them: what an earlier one says of a key holds
 * @param assertValid throws where the snapshot is no longer what the runs were read from
 * @returns whether it is there: a file system that takes none is no reason to fail.
 */
export async function writeKeyIndex(
  directory: string,
  identity: string,
  source: { readonly runs: () => AsyncIterable<KeyRun>; readonly assertValid: () => Promise<void> },
): Promise<boolean> {
  const part = path.join(directory, `${randomUUID()}${partSuffix}`);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await using handle = await open(part, 'wx', 0o600);
    const runs: Directory['runs'] = [];
    let endBytes = 0;
    for await (const run of source.runs()) {
      const stored = await writeRun(handle, endBytes, run);
      if (stored.length === 0) continue;
      endBytes = endOf(stored);
      runs.push(stored.map(({ firstKey, lengthBytes, crc }) => [firstKey, lengthBytes, crc]));
    }
    await source.assertValid();
    const text = Buffer.from(JSON.stringify({ format, identity, runs } satisfies Directory));
    const tail = Buffer.alloc(tailBytes);
    tail.writeUInt32LE(crc32(text), 0);
    tail.writeUInt32LE(text.length, 4);
    await handle.appendFile(Buffer.concat([text, tail]));
    await rename(part, fileOf(directory, identity));
    await forgetOldest(directory);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === undefined) throw thrown;
    return false;
  } finally {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

/** All but the newest, and what a program that was killed left half-written. */
async function forgetOldest(directory: string): Promise<void> {
  const names = await readdir(directory);
  const dated = await Promise.all(
    names.map(async (name) => {
      const file = path.join(directory, name);
      // Another process may have been quicker.
      return { file, timeMs: (await stat(file).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  dated.sort((a, b) => b.timeMs - a.timeMs);
  const old = dated.filter(({ file }) => file.endsWith(suffix)).slice(mostKept);
  const left = dated.filter(({ file, timeMs }) => file.endsWith(partSuffix) && Date.now() - timeMs > abandonedMs);
  await Promise.all([...old, ...left].map(async ({ file }) => await rm(file, { force: true })));
}

/** The identity holds nothing but numbers, and yet it is no file name. */
function fileOf(directory: string, identity: string): string {
  return path.join(directory, `${createHash('sha256').update(identity).digest('hex').slice(0, 32)}${suffix}`);
}
