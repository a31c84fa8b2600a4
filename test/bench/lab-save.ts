/** A save through the API server of the lab, against etcdctl on the node and a copy of its file through `kubectl exec`: in turns, in one run. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { entering } from '../lab/machine.ts';
import type { Node } from '../lab/where.ts';
import { pluginProgram } from '../local/local-cluster.ts';
import type { Filling } from './fill.ts';
import { withEachFilling } from './filled-lab.ts';
import { agentOf, agentProcesses, etcdctlSave, onNode, podOfAgent } from './lab-parts.ts';
import type { LabMeasurement } from './lab-parts.ts';
import { peakBytes, resetPeak } from './peak-memory.ts';
import { judged, megabytes, seconds } from './results.ts';
import type { Table } from './results.ts';
import { median, runTimed } from './run-timed.ts';

export async function measureLabSave(options: LabMeasurement): Promise<Table> {
  const measured = await withEachFilling({ ...options, part: 'save' }, (filling) => compare({ ...options, filling }));
  return {
    title: 'Save through the API server (lab: three nodes, TLS, exec over WebSocket)',
    columns: ['data', 'who', 'took', 'plugin', 'agent', 'bridge'],
    ...measured,
  };
}

async function compare({
  lab,
  filling,
  directory,
  rounds,
  say,
}: LabMeasurement & { readonly filling: Filling }): Promise<Pick<Table, 'rows' | 'findings'>> {
  const node = lab.nodes[0];
  if (node === undefined) throw new Error('a lab without nodes');
  const file = join(directory, 'saved.db');
  const copy = join(directory, 'copied.db');
  const pod = await podOfAgent(lab, node.name);
  const took = { save: [] as number[], etcdctl: [] as number[], copy: [] as number[] };
  const peaks = { plugin: 0, agent: 0, bridge: 0 };
  for (let round = 1; round <= rounds; round += 1) {
    say(`lab: ${filling}, round ${round} of ${rounds}`);
    const agent = await agentOf(node);
    await resetPeak(agent);
    const bridges = watchBridge(node);
    const saved = await runTimed([pluginProgram, 'snapshot', 'save', file, '--force', '--from', node.name], {
      env: { ...process.env, KUBECONFIG: lab.kubeconfig },
    });
    peaks.bridge = Math.max(peaks.bridge, await bridges.stop());
    peaks.plugin = Math.max(peaks.plugin, saved.peakBytes);
    peaks.agent = Math.max(peaks.agent, (await peakBytes(agent)) ?? NaN);
    took.save.push(saved.seconds);
    const etcdctl = await runTimed(await entering(node, etcdctlSave));
    took.etcdctl.push(etcdctl.seconds);
    // The agent's pod has the node's disk at /host, and in its image the libraries that the node's own cat needs.
    const exec = [lab.kubectlPath, `--kubeconfig=${lab.kubeconfig}`, '-n', 'kubectl-etcd', 'exec', pod, '--'];
    took.copy.push((await runTimed([...exec, '/host/bin/cat', `/host${onNode}`], { into: copy })).seconds);
    const whole = (await sha256(copy)) === (await lab.on(node.name, ['sha256sum', onNode])).stdout.split(' ')[0];
    if (!whole) throw new Error('kubectl exec cut the copy short (k8s#124571); run it again');
    await lab.on(node.name, ['rm', '-f', onNode]);
    await Promise.all([file, `${file}.json`, copy].map((path) => rm(path, { force: true })));
  }
  const [save, etcdctl, copied] = [median(took.save), median(took.etcdctl), median(took.copy)];
  const name = `${filling} data`;
  return {
    rows: [
      [
        filling,
        'kubectl etcd snapshot save',
        seconds(save),
        megabytes(peaks.plugin),
        megabytes(peaks.agent),
        megabytes(peaks.bridge),
      ],
      [filling, 'etcdctl snapshot save on the node', seconds(etcdctl)],
      [filling, 'kubectl exec cat of its file', seconds(copied)],
    ],
    findings: [
      judged(`${name}, against etcdctl and the copy together`, save / (etcdctl + copied), 1),
      ...(filling === 'realistic' ? [judged(`${name}, against etcdctl alone`, save / etcdctl, 1.25)] : []),
    ],
  };
}

/** The process at the far end of the exec comes and goes with the command. */
function watchBridge(node: Node): { readonly stop: () => Promise<number> } {
  let seenBytes = 0;
  let looking = Promise.resolve();
  const look = async () => {
    for (const pid of await agentProcesses(node, 'bridge'))
      seenBytes = Math.max(seenBytes, (await peakBytes(pid)) ?? 0);
  };
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, 500);
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
      return seenBytes;
    },
  };
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
