/** What the installation costs while nobody asks for anything: memory and processor of each node's agent and of its keeper. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../lab/cluster.ts';
import { agentProcesses } from './lab-parts.ts';
import { peakBytes, processorSeconds } from './peak-memory.ts';
import { judged, megabytes } from './results.ts';
import type { Table } from './results.ts';

const mostBytes = 150e6;

interface Watched {
  readonly node: string;
  readonly who: 'agent' | 'keeper';
  readonly pid: number;
  readonly beganSeconds: number;
}

/** @param lasting how long nothing is asked, in milliseconds. @throws {Error} where an agent was started anew meanwhile. */
export async function measureIdle(options: {
  readonly lab: Lab;
  readonly lastingMs: number;
  readonly say: (line: string) => void;
}): Promise<Table> {
  const { lab, lastingMs, say } = options;
  const watched: Watched[] = [];
  for (const node of lab.nodes)
    for (const [who, command] of [
      ['agent', 'serve'],
      ['keeper', 'keep'],
    ] as const) {
      const [pid] = await agentProcesses(node, command);
      const beganSeconds = pid === undefined ? undefined : await processorSeconds(pid);
      if (pid === undefined || beganSeconds === undefined)
        throw new Error(`no ${who} runs on ${node.name}: hack/lab image, then kubectl etcd install`);
      watched.push({ node: node.name, who, pid, beganSeconds });
    }
  say(`idle: looking on for ${lastingMs / 1000} s`);
  await sleep(lastingMs);
  const rows: string[][] = [];
  let highest = 0;
  for (const { node, who, pid, beganSeconds } of watched) {
    const [spent, peak, now] = await Promise.all([processorSeconds(pid), peakBytes(pid), residentBytes(pid)]);
    if (spent === undefined || peak === undefined) throw new Error(`${who} of ${node} did not last`);
    if (who === 'agent') highest = Math.max(highest, peak);
    const share = ((spent - beganSeconds) / (lastingMs / 1000)) * 100;
    rows.push([node, who, megabytes(now.all), megabytes(now.own), megabytes(peak), `${share.toFixed(2)} %`]);
  }
  return {
    title: `Idle (lab: three nodes, for ${Math.round(lastingMs / 6_000) / 10} minutes)`,
    columns: ['node', 'who', 'memory', 'of it not shared', 'at its peak', 'of one processor'],
    rows,
    findings: [judged('an agent, since its start', highest / 1e6, mostBytes / 1e6, 'MB')],
  };
}

/** Resident memory; its own is what is not of a file: the pages of Node's program are shared by all that run it. */
async function residentBytes(pid: number): Promise<{ readonly all: number; readonly own: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const of = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { all: of('VmRSS'), own: of('RssAnon') };
}
