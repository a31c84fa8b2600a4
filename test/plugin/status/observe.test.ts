import { describe, expect, test } from '@jest/globals';
import { duplexPair } from 'node:stream';
import { Failure } from '../../../core/failure.ts';
import { observe, surveyFromAny } from '../../../plugin/status/observe.ts';
import type { Reach } from '../../../plugin/link/reach.ts';

const never = new AbortController().signal;

/** A cluster whose agents are reached as told: refused after some time, or never answering. */
function reachOf(nodes: Readonly<Record<string, number | 'silent' | 'none'>>, opened: string[] = []): Reach {
  return {
    cluster: { name: 'c', uid: 'u' },
    nodes: Object.entries(nodes).map(([name, how]) => ({
      name,
      addresses: [],
      ...(how === 'none' ? {} : { agent: { pod: name, ready: true } }),
    })),
    open: async ({ name }) => {
      opened.push(name);
      const how = nodes[name];
      if (how === 'silent') return duplexPair()[0];
      await new Promise((resolve) => setTimeout(resolve, Number(how)));
      throw new Failure({ reason: 'link-lost', what: 'refused', node: name });
    },
  };
}

describe('asking any agent', () => {
  test('the next is asked as soon as one fails, and the first failure is told when all have', async () => {
    const opened: string[] = [];
    const begunMs = performance.now();
    await expect(surveyFromAny(reachOf({ cp1: 0, cp2: 0, cp3: 0 }, opened), never)).rejects.toMatchObject({
      node: 'cp1',
    });
    expect(opened).toEqual(['cp1', 'cp2', 'cp3']);
    expect(performance.now() - begunMs).toBeLessThan(500);
  });

  test('one that is slow does not keep the next waiting for long', async () => {
    const opened: string[] = [];
    const begunMs = performance.now();
    await expect(
      surveyFromAny(reachOf({ cp1: 'silent', cp2: 0 }, opened), AbortSignal.timeout(1_500)),
    ).rejects.toBeDefined();
    expect(opened).toEqual(['cp1', 'cp2']);
    expect(performance.now() - begunMs).toBeLessThan(2_000);
  });

  test('no agents, and no control plane at all, are told apart', async () => {
    await expect(surveyFromAny(reachOf({ cp1: 'none' }), never)).rejects.toMatchObject({ reason: 'no-agents' });
    await expect(surveyFromAny(reachOf({}), never)).rejects.toMatchObject({ reason: 'no-control-plane-nodes' });
  });

  test('an observation always comes about: failures are part of it', async () => {
    const { survey, reports } = await observe(reachOf({ cp1: 0, cp2: 'none' }), never);
    expect(survey).toMatchObject({ reason: 'link-lost' });
    expect([...reports]).toMatchObject([['cp1', { reason: 'link-lost', node: 'cp1' }]]);
  });

  test('Ctrl-C ends it', async () => {
    await expect(observe(reachOf({ cp1: 'silent' }), AbortSignal.timeout(100))).rejects.toBeDefined();
  });
});
