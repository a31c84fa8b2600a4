/** hack/bench: the figures, against the real peers, in one run; kept in RESULTS.md. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, messageOf, systemCode } from '../../core/failure.ts';
import { programVersion } from '../../core/version.ts';
import { useLab } from '../lab/cluster.ts';
import type { Lab } from '../lab/cluster.ts';
import { kubernetesVersion } from '../lab/where.ts';
import { measureFanOut } from './fan-out.ts';
import { measureIdle } from './idle.ts';
import { measureLabSave } from './lab-save.ts';
import { measureMemory } from './memory.ts';
import { measureRestore } from './restore.ts';
import { readSections, renderResults, renderSection } from './results.ts';
import type { Table } from './results.ts';
import { measureSnapshotRead } from './snapshot-read.ts';
import { measureStartUp } from './start-up.ts';
import { measureStraight } from './straight.ts';

const help = `hack/bench: measures saves, restores, reading snapshots, memory and start-up, and writes its parts of test/bench/RESULTS.md.

  hack/bench [PART...] [flags]     PARTs: memory, start-up, fan-out, idle, straight, save, restore, read (all)

  --small            small sizes, to try it; RESULTS.md is left alone
  --out FILE         write there instead of test/bench/RESULTS.md
  --directory DIR    where databases go: 10 GB for the whole (default ${tmpdir()})
  --kubectl PATH     the kubectl to compare with (the one on PATH)

start-up uses the lab where it is up; fan-out, idle, straight, save and restore need it, with the agents installed:
  hack/lab up && npm run build && hack/lab image && KUBECONFIG=$(hack/lab kubeconfig) dist/kubectl-etcd install
save, straight and restore fill the lab's etcd, and make it small again; restore takes about 12 GB on the lab's disk.
Let nothing else run meanwhile.
`;
const parts = ['memory', 'start-up', 'fan-out', 'idle', 'straight', 'save', 'restore', 'read'] as const;
const labParts: readonly Part[] = ['fan-out', 'idle', 'straight', 'save', 'restore'];
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
      const next = thrown instanceof Failure && thrown.next !== undefined ? `  ${thrown.next}\n` : '';
      process.stderr.write(`error: ${messageOf(thrown)}\n${next}`);
      process.exitCode = 1;
    });
  }
}

async function bench(wanted: readonly Part[]): Promise<void> {
  const loadBefore = loadavg()[0] ?? NaN;
  const small = flags.small;
  // Unix sockets lie in it: a long name would not fit.
  const directory = await mkdtemp(join(flags.directory, 'keb-'));
  const measured = new Map<Part, readonly Table[]>();
  // Gigabytes and an etcd would stay behind: what runs is ended where it is, and everything on the way out is done.
  const stop = new AbortController();
  const interrupt = () => stop.abort(new Error('interrupted'));
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, interrupt);
  const measure = async (part: Part, tables: () => Promise<readonly Table[]>) => {
    stop.signal.throwIfAborted();
    if (wanted.includes(part)) measured.set(part, await tables());
  };
  let lab: Lab | undefined;
  try {
    if (wanted.some((part) => part !== 'memory' && part !== 'read'))
      lab = await useLab().catch((thrown: unknown) => {
        if (wanted.some((part) => labParts.includes(part))) throw thrown;
        say(`without the lab: ${messageOf(thrown)}`);
        return undefined;
      });
    // Short and sensitive to what goes on beside them first.
    await measure('start-up', async () => [
      await measureStartUp({ directory, kubectl: flags.kubectl, lab, rounds: small ? 3 : 10 }),
    ]);
    if (lab !== undefined) {
      const inLab = lab;
      await measure('fan-out', async () => [await measureFanOut({ lab: inLab, rounds: small ? 3 : 10 })]);
      await measure('idle', async () => [await measureIdle({ lab: inLab, lastingMs: small ? 20_000 : 600_000, say })]);
      const onLab = { lab: inLab, directory, databaseBytes: small ? 60e6 : 1e9, rounds: small ? 1 : 3, say };
      await measure('straight', async () => await measureStraight(onLab));
      await measure('save', async () => [await measureLabSave(onLab)]);
      await measure('restore', async () => await measureRestore(onLab));
    }
    // Small, and yet large enough for an index.
    const readBytes = small ? [300e6] : [1.05e9, 4.05e9];
    await measure(
      'read',
      async () => await measureSnapshotRead({ directory, sizesBytes: readBytes, say, signal: stop.signal }),
    );
    const heldBytes = small ? [30e6, 60e6] : [100e6, 1e9, 4e9];
    await measure('memory', async () => [await measureMemory({ directory, sizesBytes: heldBytes, say })]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const circumstances = { time: new Date(), versions: versions(lab), loadBefore, small };
  const out = flags.out ?? (small ? undefined : join(import.meta.dirname, 'RESULTS.md'));
  const before = readSections(out === undefined ? '' : await readIfThere(out));
  const sections = new Map<string, string>();
  for (const part of parts) {
    const tables = measured.get(part);
    const section = tables === undefined ? before.get(part) : renderSection(circumstances, tables);
    if (section !== undefined) sections.set(part, section);
  }
  const page = renderResults(sections);
  process.stdout.write(page);
  if (out !== undefined) await writeFile(out, page);
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return '';
    throw thrown;
  }
}

function versions(lab: Lab | undefined): string[] {
  const kubectl = execFileSync(flags.kubectl, ['version', '--client'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return [
    `kubectl etcd ${programVersion} on Node ${process.version}`,
    `kubectl ${/GitVersion:"(v[^"]+)"|Client Version: (v\S+)/.exec(kubectl)?.slice(1).join('') ?? 'of an unknown version'}`,
    ...(lab === undefined ? [] : [`lab: ${lab.nodes.length} nodes, Kubernetes ${kubernetesVersion}, etcd ${lab.etcd}`]),
  ];
}
