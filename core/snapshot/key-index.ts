/**
 * A snapshot's keys in their order, kept between commands: the file itself has them in the order of revisions, so that whoever looks for one after
 * another would scan gigabytes each time. Holds names and numbers, never values.
 *
 * Lines of JSON: a head that names the snapshot, then the keys ascending. Found in it by halving, so that nothing has to be loaded.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import * as path from 'node:path';
import * as v from 'valibot';
import { Failure, systemCode } from '../failure.ts';
import type { KeyRecord } from './revision-match.ts';
import { openFile } from './source.ts';
import type { RandomAccess } from './source.ts';

const format = 'kubectl-etcd keys 1';
const suffix = '.keys';
/** Of the snapshots looked into last. */
const mostKept = 8;
/** A line is shorter: etcd's keys are names. One that is not ends the use of the index. */
const blockBytes = 16 * 1024;
const writeBytes = 256 * 1024;

/** Key, create revision, modification revision, its sub-revision, version, bytes of the value, lease. */
const lineShape = v.tuple([
  v.string(),
  v.number(),
  v.number(),
  v.number(),
  v.number(),
  v.number(),
  v.nullable(v.string()),
]);

export class KeyIndex implements AsyncDisposable {
  readonly #source: RandomAccess;
  readonly #startBytes: number;

  /** The one of this snapshot; undefined where there is none. */
  static async open(directory: string, identity: string): Promise<KeyIndex | undefined> {
    const source = await openFile(fileOf(directory, identity)).catch(() => undefined);
    if (source === undefined) return undefined;
    const head = `${headLine(identity)}\n`;
    const found = await source.read(0, Math.min(source.sizeBytes, head.length));
    if (found.toString('latin1') === head) return new KeyIndex(source, head.length);
    await source[Symbol.asyncDispose]();
    return undefined;
  }

  private constructor(source: RandomAccess, startBytes: number) {
    this.#source = source;
    this.#startBytes = startBytes;
  }

  /** The keys that begin with a prefix, ascending. */
  async *range(prefix: string): AsyncGenerator<KeyRecord, void, undefined> {
    for await (const record of this.#from(await this.#lowerBound(prefix))) {
      if (record.key < prefix) continue;
      if (!record.key.startsWith(prefix)) return;
      yield record;
    }
  }

  async get(key: string): Promise<KeyRecord | undefined> {
    for await (const record of this.range(key)) return record.key === key ? record : undefined;
    return undefined;
  }

  /** Where a line begins that is not far before the first key not less than `key`. */
  async #lowerBound(key: string): Promise<number> {
    let low = this.#startBytes;
    let high = this.#source.sizeBytes;
    while (high - low > blockBytes) {
      const middle = low + Math.floor((high - low) / 2);
      const bytes = await this.#source.read(middle, Math.min(blockBytes, this.#source.sizeBytes - middle));
      const start = bytes.indexOf(newline) + 1;
      const end = bytes.indexOf(newline, start);
      if (start === 0 || end < 0 || middle + start >= high) break;
      if (this.#parse(bytes.toString('utf8', start, end)).key < key) low = middle + start;
      else high = middle + start;
    }
    return low;
  }

  async *#from(offset: number): AsyncGenerator<KeyRecord, void, undefined> {
    let rest: Buffer = Buffer.alloc(0);
    for (let at = offset; at < this.#source.sizeBytes;) {
      const bytes = await this.#source.read(at, Math.min(blockBytes, this.#source.sizeBytes - at));
      at += bytes.length;
      const joined = Buffer.concat([rest, bytes]);
      const whole = joined.lastIndexOf(newline) + 1;
      for (const line of joined.toString('utf8', 0, whole).split('\n')) if (line !== '') yield this.#parse(line);
      rest = joined.subarray(whole);
    }
  }

  #parse(line: string): KeyRecord {
    try {
      const [key, createRevision, modRevision, sub, version, valueBytes, lease] = v.parse(lineShape, JSON.parse(line));
      return { key, createRevision, modRevision, sub, version, valueBytes, ...(lease === null ? {} : { lease }) };
    } catch (thrown) {
      throw new Failure({
        reason: 'key-index-damaged',
        what: `the index of the snapshot's keys is damaged: ${this.#source.name}`,
        next: `delete it, or give --no-index: it is made anew when it is wanted`,
        cause: thrown,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source[Symbol.asyncDispose]();
  }
}

const newline = 0x0a;

/**
 * Writes the index of a snapshot, for its owner alone (0600), and forgets the oldest of others.
 * @param records ascending
 * @returns whether it is there: a file system that takes none is no reason to fail.
 */
export async function writeKeyIndex(
  directory: string,
  identity: string,
  records: () => AsyncIterable<KeyRecord>,
): Promise<boolean> {
  const file = fileOf(directory, identity);
  const part = path.join(directory, `${randomUUID()}.part`);
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await using handle = await open(part, 'wx', 0o600);
    let lines = `${headLine(identity)}\n`;
    for await (const record of records()) {
      lines += `${lineOf(record)}\n`;
      if (lines.length < writeBytes) continue;
      await handle.appendFile(lines);
      lines = '';
    }
    await handle.appendFile(lines);
    await rename(part, file);
    await forgetOldest(directory);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === undefined) throw thrown;
    return false;
  } finally {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

async function forgetOldest(directory: string): Promise<void> {
  const files = (await readdir(directory))
    .filter((name) => name.endsWith(suffix))
    .map((name) => path.join(directory, name));
  const dated = await Promise.all(files.map(async (file) => ({ file, timeMs: (await stat(file)).mtimeMs })));
  dated.sort((a, b) => b.timeMs - a.timeMs);
  await Promise.all(dated.slice(mostKept).map(async ({ file }) => await rm(file, { force: true })));
}

/** The identity holds nothing but numbers, and yet it is no file name. */
function fileOf(directory: string, identity: string): string {
  return path.join(directory, `${createHash('sha256').update(identity).digest('hex').slice(0, 32)}${suffix}`);
}

function headLine(identity: string): string {
  return JSON.stringify({ format, identity });
}

function lineOf({ key, createRevision, modRevision, sub, version, valueBytes, lease }: KeyRecord): string {
  return JSON.stringify([key, createRevision, modRevision, sub, version, valueBytes, lease ?? null]);
}
