/** Why `status` is one exec: one agent that asks all members, against an exec to every node at once. */
import { agentReport, membersReply } from '../../core/protocol/messages.ts';
import { path } from '../../core/protocol/paths.ts';
import { reachThroughApi } from '../../plugin/cluster/reach-through-api.ts';
import { openSession } from '../../plugin/link/reach.ts';
import type { Lab } from '../lab/cluster.ts';
import { seconds } from './results.ts';
import type { Table } from './results.ts';
import { median } from './run-timed.ts';

const timeoutMs = 10_000;

export async function measureFanOut({ lab, rounds }: { readonly lab: Lab; readonly rounds: number }): Promise<Table> {
  const { signal } = new AbortController();
  const reach = await reachThroughApi({ kubeconfig: lab.kubeconfig }, process.env, signal);
  const survey = async (node: (typeof reach.nodes)[number]) => {
    using session = await openSession(reach, node, signal);
    await session.get(path.members, membersReply, { timeoutMs, signal });
  };
  const report = async (node: (typeof reach.nodes)[number]) => {
    using session = await openSession(reach, node, signal);
    await session.get(path.agent, agentReport, { timeoutMs, signal });
  };
  const [first] = reach.nodes;
  if (first === undefined) throw new Error('no nodes');
  const ways = { one: [] as number[], each: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const begun = performance.now();
    await survey(first);
    const between = performance.now();
    await Promise.all(reach.nodes.map(report));
    if (round === 0) continue;
    ways.one.push((between - begun) / 1000);
    ways.each.push((performance.now() - between) / 1000);
  }
  const [one, each] = [median(ways.one), median(ways.each)];
  return {
    title: `One agent for all, or every agent for its own (median of ${rounds}, in turns)`,
    columns: ['way', 'took'],
    rows: [
      ['one exec, and that agent asks every member', seconds(one)],
      [`${reach.nodes.length} execs at once, each agent asked for its own node alone`, seconds(each)],
    ],
    findings: [
      `one exec takes ${(one / each).toFixed(2)} of the time; status does ${one <= each ? 'the quicker' : 'the slower'}`,
    ],
  };
}
