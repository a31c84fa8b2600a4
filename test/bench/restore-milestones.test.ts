import { describe, expect, test } from '@jest/globals';
import { decodeJson } from '../../core/protocol/decode.ts';
import { peakUntil, readyAgain } from './lab-watch.ts';
import { productRound, restoreReport } from './restore-milestones.ts';
import { restoreTables } from './restore-tables.ts';

const nodes = ['cp1', 'cp2'];
const firstStopMs = Date.parse('2026-11-21T10:00:00.000Z');
const at = (seconds: number) => new Date(firstStopMs + seconds * 1000).toISOString();
const phase = (name: string, begun: number, tookMs: number) => ({ name, begunAt: at(begun), tookMs });
const ready = (node: string, asked: number, answered = asked + 0.1) => ({
  node,
  askedAtMs: firstStopMs + asked * 1000,
  answeredAtMs: firstStopMs + answered * 1000,
});
const peak = (node: string, seconds: number, megabytes: number) => ({
  ...{ node, atMs: firstStopMs + seconds * 1000, bytes: megabytes * 1e6 },
});

/** As `restore -o json` prints it, with the fields that nobody asks for here. */
const printed = JSON.stringify({
  ...{ operation: 'r-7kq2m', title: 'restore a.db', outcome: 'done', wholeMs: 30_000, warnings: [], aftermath: [] },
  ...{ apiServerDownMs: 9_000, etcdDownMs: 5_000 },
  phases: [
    phase('stage', -9, 2_000),
    phase('prepare', -7, 7_000),
    phase('stop-control-plane', 0, 2_000),
    phase('stop-etcd', 2, 1_000),
    phase('exchange', 3, 500),
    phase('start-etcd', 3.5, 2_000),
    phase('check', 5.5, 500),
    phase('start-api-server', 6, 3_000),
    phase('start-control-plane', 9, 4_000),
  ],
});
const report = decodeJson(restoreReport, printed, { what: 'it' });

/** cp2 serves on until it is stopped, is ready once more in between, and comes back first. */
const readings = [
  ...[ready('cp1', -1), ready('cp2', -1), ready('cp2', 0.4), ready('cp2', 1.9, 2.1)],
  ...[ready('cp2', 8), ready('cp2', 8.2), ready('cp1', 11), ready('cp1', 11.2)],
];
const peaks = [
  ...[peak('cp1', -5, 90), peak('cp2', -5, 80), peak('cp1', 0.1, 120), peak('cp2', 0.1, 100)],
  ...[peak('cp1', 12, 130), peak('cp2', 12, 100)],
];
const round = productRound(report, { ready: readings, peaks, nodes, pluginBytes: 70e6 });

describe('a restore, from the first stop on', () => {
  test('its milestones are what the phases say and what was seen from outside', () => {
    expect(round.milestones).toEqual({ stopped: 3, inPlace: 3.5, etcd: 6, firstApiServer: 8.1, lastApiServer: 11.1 });
    expect(round).toMatchObject({ apiServerDown: 9, etcdDown: 5, preparingBytes: 120e6, agentBytes: 130e6 });
    expect(round.phases.get('prepare')).toBe(7);
  });

  test.each([
    ['ready before all were gone proves nothing', [ready('cp1', 1.9, 2.1)], []],
    ['asked after it', [ready('cp1', 2, 2.2), ready('cp1', 2.4)], [['cp1', 2.2]]],
    ['answers that overtake each other', [ready('cp1', 3, 3.9), ready('cp1', 3.2, 3.3)], [['cp1', 3.3]]],
  ])('%s', (_, seen, expected) => {
    const again = [...readyAgain(seen, firstStopMs + 2_000)];
    expect(again.map(([node, ms]) => [node, (ms - firstStopMs) / 1000])).toEqual(expected);
  });

  test('an API server that was not seen again is named', () => {
    const seen = readings.filter(({ node }) => node === 'cp2');
    expect(() => productRound(report, { ready: seen, peaks, nodes, pluginBytes: 0 })).toThrow(
      'the API server of cp1 was not seen ready again',
    );
  });

  test('so is an agent that did not live until the first stop', () => {
    expect(() => peakUntil([peak('cp1', -1, 90), peak('cp2', 0.1, 90)], nodes, firstStopMs)).toThrow(
      'the agent of cp1 did not last',
    );
  });

  test('a phase that is not there is missed by its name', () => {
    const phases = report.phases.filter(({ name }) => name !== 'exchange');
    expect(() => productRound({ ...report, phases }, { ready: readings, peaks, nodes, pluginBytes: 0 })).toThrow(
      /no phase exchange, but stage, prepare/,
    );
  });
});

test('the tables: both who were in turns, each phase, and the aims', () => {
  const runbook = [20, 10, 14].map((first) => ({
    ...{ stopped: 6, inPlace: 7, etcd: 8, firstApiServer: first, lastApiServer: first + 8.5 },
  }));
  const compared = { databaseBytes: 6e6, product: [round], runbook, atMost: 0.8 };
  const [against, phases, memory] = restoreTables([compared, { ...compared, databaseBytes: 1e9, atMost: 0.5 }], 3);
  expect(against?.rows).toEqual([
    ['6 MB', 'kubectl etcd restore', '1', '3.0 s', '3.5 s', '6.0 s', '8.1 s', '11.1 s', '8.1 s'],
    ['6 MB', 'runbook on all nodes at once', '3', '6.0 s', '7.0 s', '8.0 s', '14.0 s', '22.5 s', '20.0 s'],
    ['1000 MB', 'kubectl etcd restore', '1', '3.0 s', '3.5 s', '6.0 s', '8.1 s', '11.1 s', '8.1 s'],
    ['1000 MB', 'runbook on all nodes at once', '3', '6.0 s', '7.0 s', '8.0 s', '14.0 s', '22.5 s', '20.0 s'],
  ]);
  expect(against?.columns).toHaveLength(9);
  expect(against?.findings).toEqual([
    '6 MB, first API server, against the runbook: 0.58 x, aim at most 0.8 x: met',
    '6 MB, last API server, against the runbook: 0.49 x',
    '1000 MB, first API server, against the runbook: 0.58 x, aim at most 0.5 x: **missed**',
    '1000 MB, last API server, against the runbook: 0.49 x',
  ]);
  expect(phases?.columns).toEqual(['phase', '6 MB', '1000 MB']);
  expect(phases?.rows).toContainEqual(['prepare', '7.0 s', '7.0 s']);
  expect(phases?.rows).toContainEqual(['API server down', '9.0 s', '9.0 s']);
  expect(memory?.rows[0]).toEqual(['6 MB', '120 MB', '130 MB', '70 MB']);
  expect(memory?.findings).toEqual(['an agent while it prepares: 120.00 MB, aim at most 150 MB: met']);
});
