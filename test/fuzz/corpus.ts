import { Database } from '../../core/snapshot/bbolt/database.ts';
import { scanLeaves } from '../../core/snapshot/bbolt/scan.ts';
import { readKeys, readValue } from '../../core/snapshot/keyspace.ts';
import type { fixtures } from '../core/snapshot/fixtures/fixtures.ts';
import { inMemory, readFixture } from '../core/snapshot/fixtures/fixtures.ts';

/** Sound inputs for each target, from the files of real etcds and a real API server. */
export async function readCorpus(): Promise<Readonly<Record<string, readonly Buffer[]>>> {
  const corpus = { page: [] as Buffer[], record: [] as Buffer[], object: [] as Buffer[] };
  for (const name of ['etcd34', 'etcd35', 'kubernetes'] satisfies (keyof typeof fixtures)[]) {
    const database = await Database.open(inMemory(await readFixture(name)));
    const keys = await database.bucket('key');
    if (keys === undefined) throw new Error(`${name} has no keys`);
    corpus.page.push(Buffer.from((await keys.rootPage()).bytes), Buffer.from((await database.root.rootPage()).bytes));
    for await (const leaves of scanLeaves(database.pages, keys))
      for (const leaf of leaves) {
        corpus.page.push(Buffer.from(leaf.bytes), Buffer.from(leaf.bytes.subarray(0, leaf.usedBytes)));
        for (let index = 0; index < leaf.count; index++) corpus.record.push(Buffer.from(leaf.value(index)));
      }
    if (name !== 'kubernetes') continue;
    for await (const record of readKeys({ database, prefixes: ['/registry/'] }))
      corpus.object.push(Buffer.from(await readValue(database, record)));
  }
  return corpus;
}
