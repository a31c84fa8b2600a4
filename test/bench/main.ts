/** hack/bench: the figures, against the real peers, in one run; kept in RESULTS.md. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../../core/failure.ts';
import { programVersion } from '../../core/version.ts';
import { useLab } from '../lab/cluster.ts';
import type { Lab } from '../lab/cluster.ts';
import { kubernetesVersion } from '../lab/where.ts';
import { measureFanOut } from './fan-out.ts';
import { measureIdle } from './idle.ts';
import { measureLabSave } from './lab-save.ts';
import { measureMemory } from './memory.ts';
import { renderResults } from './results.ts';
import type { Table } from './results.ts';
import { measureSnapshotRead } from './snapshot-read.ts';
import { measureStartUp } from './start-up.ts';
import { measureStraight } from './straight.ts';

const help = `hack/bench: measures saves, reading snapshots, memory and start-up, and writes test/bench/RESULTS.md.

  hack/bench [PART...] [flags]     PARTs: memory, start-up, fan-out, idle, straight, save, read (all)

  --small            small sizes, to try it; RESULTS.md is left alone
  --out FILE         write there instead of test/bench/RESULTS.md
  --directory DIR    where databases go: 10 GB for the whole (default ${tmpdir()})
  --kubectl PATH     the kubectl to compare with (the one on PATH)

start-up uses the lab where it is up; fan-out, idle, straight and save need it, with the agents installed:
  hack/lab up && npm run build && hack/lab image && KUBECONFIG=$(hack/lab kubeconfig) dist/kubectl-etcd install
save and straight fill the lab's etcd, and make it small again. Let nothing else run meanwhile.
`;
const parts = ['memory', 'start-up', 'fan-out', 'idle', 'straight', 'save', 'read'] as const;
const labParts: readonly Part[] = ['fan-out', 'idle', 'straight', 'save'];
type Part = (typeof parts)[number];

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', short: 'h' },
    small: { type: 'boolean', default: false },
    out: { type: 'string' },
    directory: { type: 'string', default: tmpdir() },
    kubectl: { type: 'string', default: 'kubectl' },
  },
});
const say = (line: string) => void process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);

if (flags.help === true) process.stdout.write(help);
else {
  const unknown = positionals.find((name) => !parts.some((part) => part === name));
  if (unknown !== undefined) {
    process.stderr.write(`there is no part ${unknown}\n\n${help}`);
    process.exitCode = 2;
  } else {
    const wanted = parts.filter((part) => positionals.length === 0 || positionals.includes(part));
    await bench(wanted).catch((thrown: unknown) => {
      process.stderr.write(`error: ${messageOf(thrown)}\n`);
      process.exitCode = 1;
    });
  }
}

async function bench(wanted: readonly Part[]): Promise<void> {
  const loadBefore = loadavg()[0] ?? NaN;
  const small = flags.small;
  // Unix sockets lie in it: a long name would not fit.
  const directory = await mkdtemp(join(flags.directory, 'keb-'));
  const tables: Table[] = [];
  let lab: Lab | undefined;
  try {
    if (wanted.some((part) => part !== 'memory' && part !== 'read'))
      lab = await useLab().catch((thrown: unknown) => {
        if (wanted.some((part) => labParts.includes(part))) throw thrown;
        say(`without the lab: ${messageOf(thrown)}`);
        return undefined;
      });
    // Short and sensitive to what goes on beside them first.
    if (wanted.includes('start-up'))
      tables.push(await measureStartUp({ directory, kubectl: flags.kubectl, lab, rounds: small ? 3 : 10 }));
    if (wanted.includes('fan-out') && lab !== undefined)
      tables.push(await measureFanOut({ lab, rounds: small ? 3 : 10 }));
    if (wanted.includes('idle') && lab !== undefined)
      tables.push(await measureIdle({ lab, lastingMs: small ? 20_000 : 600_000, say }));
    if (wanted.includes('straight') && lab !== undefined)
      tables.push(
        ...(await measureStraight({ lab, directory, databaseBytes: small ? 60e6 : 1e9, rounds: small ? 1 : 3, say })),
      );
    if (wanted.includes('save') && lab !== undefined)
      tables.push(
        await measureLabSave({ lab, directory, databaseBytes: small ? 60e6 : 1e9, rounds: small ? 1 : 3, say }),
      );
    if (wanted.includes('read'))
      tables.push(...(await measureSnapshotRead({ directory, sizesBytes: small ? [60e6] : [1.05e9, 4.05e9], say })));
    if (wanted.includes('memory'))
      tables.push(await measureMemory({ directory, sizesBytes: small ? [30e6, 60e6] : [100e6, 1e9, 4e9], say }));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const page = renderResults({ time: new Date(), versions: versions(lab), loadBefore, small }, tables);
  process.stdout.write(page);
  const out = flags.out ?? (small ? undefined : join(import.meta.dirname, 'RESULTS.md'));
  if (out !== undefined) await writeFile(out, page);
}

function versions(lab: Lab | undefined): string[] {
  const kubectl = execFileSync(flags.kubectl, ['version', '--client'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return [
    `kubectl etcd ${programVersion} on Node ${process.version}`,
    `${flags.kubectl}: ${kubectl.split('\n')[0] ?? ''}`,
    ...(lab === undefined ? [] : [`lab: ${lab.nodes.length} nodes, Kubernetes ${kubernetesVersion}, etcd ${lab.etcd}`]),
  ];
}
