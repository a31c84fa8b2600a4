/**
 * Reading snapshots against etcdutl, in one run, warm cache, the median of three: status, verify, ls of one namespace, get of one object. By processor time
 * too, since a busy machine tells nothing by the clock.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { pluginProgram, startLocalCluster } from '../local/local-cluster.ts';
import { fillEtcd, keyPrefix } from './fill.ts';
import type { Filling } from './fill.ts';
import { judged, megabytes, seconds } from './results.ts';
import type { Table } from './results.ts';
import { median, runTimed } from './run-timed.ts';

const quotaBytes = 8 * 1024 ** 3;
const rounds = 3;

/** What `ls` and `get` ask for. */
const asked: Readonly<Record<Filling, { readonly ls: readonly string[]; readonly get: readonly string[] }>> = {
  realistic: { ls: ['configmaps', '-n', 'shop'], get: ['configmap'] },
  random: { ls: ['random', '-n', 'ns7'], get: ['random', '-o', 'raw'] },
};
const described: Readonly<Record<Filling, string>> = { realistic: 'many small keys', random: 'few large keys' };

/** One table a filling and size. One etcd is filled further and further, and saved at each size. */
export async function measureSnapshotRead(options: {
  readonly directory: string;
  readonly sizesBytes: readonly number[];
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}): Promise<Table[]> {
  const { directory, sizesBytes, say, signal } = options;
  const bin = dirname((await etcdBinaries('3.5')).binaries[0] ?? '');
  const tables: Table[] = [];
  for (const filling of ['realistic', 'random'] as const) {
    const work = join(directory, `read-${filling}`);
    await mkdir(work, { recursive: true });
    {
      await using cluster = await startLocalCluster({
        ...{ directory: join(work, 'c'), members: 1, quotaBytes, etcdDirectory: bin },
      });
      for (const databaseBytes of sizesBytes) {
        say(`read: ${filling}, filling to ${megabytes(databaseBytes)}`);
        const { clientUrl } = cluster.member('n1');
        const etcd = { url: clientUrl, credentials: {} };
        await fillEtcd({ etcd, filling, databaseBytes, seed: String(databaseBytes), signal });
        const file = join(work, 's.db');
        await runTimed([pluginProgram, 'snapshot', 'save', file, '--force'], { env: cluster.environment });
        say(`read: ${filling}, reading ${megabytes(databaseBytes)}`);
        tables.push(
          await measureFile({ file, filling, etcdutl: join(bin, 'etcdutl'), cache: join(work, 'cache'), signal }),
        );
        await rm(file);
      }
    }
    await rm(work, { recursive: true, force: true });
  }
  return tables;
}

interface Measured {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly peakBytes: number;
}

/** Also by itself: `node test/bench/snapshot-read.ts ETCDUTL realistic|random FILE CACHE-DIRECTORY`. */
export async function measureFile(options: {
  readonly file: string;
  readonly filling: Filling;
  readonly etcdutl: string;
  readonly cache: string;
  readonly signal?: AbortSignal;
}): Promise<Table> {
  const { file, filling, etcdutl, cache, signal } = options;
  const env = { ...process.env, XDG_CACHE_HOME: cache };
  const prefix = ['--etcd-prefix', keyPrefix];
  const ours = async (times: number, ...words: string[]) => {
    signal?.throwIfAborted();
    return await timed([pluginProgram, 'snapshot', ...words], times, env);
  };
  const { ls, get } = asked[filling];
  const { size } = await stat(file);
  // The first warms the cache.
  const hashes: Awaited<ReturnType<typeof hashAlone>>[] = [];
  for (let round = 0; round <= rounds; round++) hashes.push(await hashAlone(file));
  const sha = median(hashes.slice(1).map((hash) => hash.seconds));
  const shaProcessor = median(hashes.slice(1).map((hash) => hash.processorSeconds));
  const theirs = await timed([etcdutl, 'snapshot', 'status', '-w', 'json', file], rounds, env);
  const status = await ours(rounds, 'status', file);
  const verify = await ours(rounds, 'verify', file);
  const scan = await ours(rounds, 'ls', file, ...ls, ...prefix, '--no-index');
  await rm(cache, { recursive: true, force: true });
  const first = await ours(1, 'ls', file, ...ls, ...prefix);
  const listed = await ours(rounds, 'ls', file, ...ls, ...prefix);
  // The least lucky object: what was not changed for longest is found last by a scan.
  const name = [...ls.slice(1), await oldestName(file, ls, env)];
  const unindexed = await ours(rounds, 'get', file, ...get, ...name, ...prefix, '--no-index');
  const got = await ours(rounds, 'get', file, ...get, ...name, ...prefix);
  const row = (what: string, { seconds: took, processorSeconds, peakBytes }: Measured) => [
    what,
    seconds(took),
    seconds(processorSeconds),
    megabytes(peakBytes),
  ];
  return {
    title: `Reading a snapshot of ${megabytes(size)}, ${described[filling]}`,
    columns: ['work', 'time', 'processor', 'peak memory'],
    rows: [
      row('etcdutl snapshot status', theirs),
      row('status', status),
      ['sha256 alone', seconds(sha), seconds(shaProcessor), ''],
      row('verify', verify),
      row('ls of a namespace, by a scan', scan),
      row('the first, which leaves an index', first),
      row('and the next', listed),
      row('get of an object, by a scan', unindexed),
      row('by the index', got),
    ],
    findings: [
      judged('status against etcdutl', status.seconds / theirs.seconds, 1.5),
      judged('memory of status', status.peakBytes / 1e6, 150, 'MB'),
      judged('verify against the sha256 alone', verify.seconds / sha, 1.3),
      judged('get', got.seconds, 0.3, 's'),
      judged('ls of a namespace', listed.seconds, 0.5, 's'),
    ],
  };
}

async function oldestName(file: string, ls: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const words = ['ls', file, ...ls, '--etcd-prefix', keyPrefix, '-o', 'json'];
  const { stdout } = await runTimed([pluginProgram, 'snapshot', ...words], { env });
  const rows = JSON.parse(stdout) as { name: string; revision: number }[];
  return rows.sort((a, b) => a.revision - b.revision)[0]?.name ?? '';
}

async function timed(argv: readonly string[], times: number, env: NodeJS.ProcessEnv): Promise<Measured> {
  const runs: Measured[] = [];
  for (let round = 0; round < times; round++) runs.push(await runTimed(argv, { env }));
  return {
    seconds: median(runs.map((run) => run.seconds)),
    processorSeconds: median(runs.map((run) => run.processorSeconds)),
    peakBytes: Math.max(...runs.map((run) => run.peakBytes)),
  };
}

async function hashAlone(file: string): Promise<Omit<Measured, 'peakBytes'>> {
  const usedBefore = process.cpuUsage();
  const begunMs = performance.now();
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  hash.digest();
  const { user, system } = process.cpuUsage(usedBefore);
  return { seconds: (performance.now() - begunMs) / 1000, processorSeconds: (user + system) / 1e6 };
}

if (process.argv[1] === import.meta.filename) {
  const [, , etcdutl = 'etcdutl', filling = 'realistic', file = '', cache = ''] = process.argv;
  const table = await measureFile({ etcdutl, filling: filling === 'random' ? 'random' : 'realistic', file, cache });
  const lines = [table.columns, ...table.rows].map((row) => `  ${row.join('   ')}`);
  process.stdout.write(`${[table.title, ...lines, ...table.findings].join('\n')}\n`);
}
