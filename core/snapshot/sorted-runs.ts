import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline';

/** What an entry costs in memory beside its key, roughly. */
const entryOverheadBytes = 200;

interface Entry<Value> {
  readonly key: string;
  readonly value: Value;
}

/**
 * A map too large for memory, written once and read once in the order of its keys: a later value for a key replaces an earlier one. Beyond
 * `runBytes` what was gathered is sorted and goes to a file (0600, in a directory of its own, gone at the end); reading merges them.
 * Values must survive JSON.
 */
export class SortedRuns<Value> implements AsyncDisposable {
  readonly #runBytes: number;
  #gathered = new Map<string, Value>();
  #gatheredBytes = 0;
  #directory: string | undefined;
  readonly #files: string[] = [];

  constructor(runBytes: number) {
    this.#runBytes = runBytes;
  }

  async put(key: string, value: Value): Promise<void> {
    const before = this.#gathered.size;
    this.#gathered.set(key, value);
    if (this.#gathered.size > before) this.#gatheredBytes += key.length + entryOverheadBytes;
    if (this.#gatheredBytes > this.#runBytes) await this.#spill();
  }

  /** Each key once, ascending, with its latest value. */
  async *sorted(): AsyncGenerator<Value, void, undefined> {
    // The latest run first: it wins where a key is in several.
    const runs = [inOrder(this.#gathered), ...this.#files.toReversed().map((file) => readRun<Value>(file))];
    const heads = await Promise.all(runs.map(async (run) => await advance(run)));
    for (;;) {
      let least: Entry<Value> | undefined;
      for (const head of heads) if (head !== undefined && (least === undefined || head.key < least.key)) least = head;
      if (least === undefined) return;
      yield least.value;
      for (const [at, head] of heads.entries()) {
        const run = runs[at];
        if (head?.key === least.key && run !== undefined) heads[at] = await advance(run);
      }
    }
  }

  async #spill(): Promise<void> {
    this.#directory ??= await mkdtemp(path.join(tmpdir(), 'kubectl-etcd-keys-'));
    const file = path.join(this.#directory, String(this.#files.length));
    await using handle = await open(file, 'wx', 0o600);
    let lines: string[] = [];
    for (const entry of inOrder(this.#gathered)) {
      lines.push(JSON.stringify(entry));
      if (lines.length < 4096) continue;
      await handle.appendFile(`${lines.join('\n')}\n`);
      lines = [];
    }
    if (lines.length > 0) await handle.appendFile(`${lines.join('\n')}\n`);
    this.#files.push(file);
    this.#gathered = new Map();
    this.#gatheredBytes = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#directory !== undefined) await rm(this.#directory, { recursive: true, force: true });
  }
}

function* inOrder<Value>(gathered: ReadonlyMap<string, Value>): Generator<Entry<Value>, void, undefined> {
  const keys = [...gathered.keys()].sort();
  for (const key of keys) {
    const value = gathered.get(key);
    if (value !== undefined) yield { key, value };
  }
}

async function* readRun<Value>(file: string): AsyncGenerator<Entry<Value>, void, undefined> {
  const lines = createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });
  // Written by ourselves a moment ago, readable by nobody else: not "from outside".
  for await (const line of lines) yield JSON.parse(line) as Entry<Value>;
}

async function advance<Value>(
  run: Generator<Entry<Value>, void, undefined> | AsyncGenerator<Entry<Value>, void, undefined>,
): Promise<Entry<Value> | undefined> {
  const next = await run.next();
  return next.done === true ? undefined : next.value;
}
