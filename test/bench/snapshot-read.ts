/**
 * Reading snapshots against etcdutl, in one run: `node test/bench/snapshot-read.ts ETCDUTL FILE...`, warm cache, the median of three.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import * as path from 'node:path';
import { judged, megabytes, seconds } from './results.ts';
import type { Table } from './results.ts';
import { median, runTimed } from './run-timed.ts';

const main = path.join(import.meta.dirname, '../../plugin/main.ts');
const rounds = 3;

/** One table a file. The first round only warms the cache. */
export async function measureSnapshotRead(etcdutl: string, file: string): Promise<Table> {
  const ours = (...words: string[]) => timed([process.execPath, main, 'snapshot', ...words]);
  const { size } = await stat(file);
  await hashAlone(file);
  const sha = median(await repeated(async () => await hashAlone(file)));
  const theirs = await timed([etcdutl, 'snapshot', 'status', '-w', 'json', file]);
  const status = await ours('status', file);
  const verify = await ours('verify', file);
  const ls = await ours('ls', file);
  return {
    title: `Reading ${path.basename(file)}, ${megabytes(size)}`,
    columns: ['work', 'time', 'peak memory'],
    rows: [
      ['sha256 alone', seconds(sha), ''],
      ['verify', seconds(verify.seconds), megabytes(verify.peakBytes)],
      ['etcdutl snapshot status', seconds(theirs.seconds), megabytes(theirs.peakBytes)],
      ['status', seconds(status.seconds), megabytes(status.peakBytes)],
      ['ls', seconds(ls.seconds), megabytes(ls.peakBytes)],
    ],
    findings: [
      judged('verify against the sha256 alone', verify.seconds / sha, 1.3),
      judged('status against etcdutl', status.seconds / theirs.seconds, 1.5),
      judged('memory of status', status.peakBytes / 1e6, 150, 'MB'),
    ],
  };
}

async function repeated(once: () => Promise<number>): Promise<number[]> {
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) found.push(await once());
  return found;
}

async function timed(argv: readonly string[]): Promise<{ readonly seconds: number; readonly peakBytes: number }> {
  const peaks: number[] = [];
  const times = await repeated(async () => {
    const run = await runTimed(argv);
    peaks.push(run.peakBytes);
    return run.seconds;
  });
  return { seconds: median(times), peakBytes: Math.max(...peaks) };
}

async function hashAlone(file: string): Promise<number> {
  const begunMs = performance.now();
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
  hash.digest();
  return (performance.now() - begunMs) / 1000;
}

if (process.argv[1] === import.meta.filename) {
  const [, , etcdutl = 'etcdutl', ...files] = process.argv;
  for (const file of files) {
    const { title, rows, findings } = await measureSnapshotRead(etcdutl, file);
    process.stdout.write(
      `${[title, ...rows.map((row) => `  ${row.join('   ')}`), ...findings.map((finding) => `  ${finding}`)].join('\n')}\n`,
    );
  }
}
