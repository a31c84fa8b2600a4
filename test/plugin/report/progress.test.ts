import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Progress } from '../../../plugin/report/progress.ts';
import { SmoothedRate } from '../../../plugin/report/smoothed-rate.ts';
import { openScreen, visibleLines } from './screen.ts';

const mib = 1024 ** 2;

beforeEach(() => {
  jest.useFakeTimers({ now: new Date('2026-11-21T10:15:00Z'), doNotFake: ['nextTick'] });
});
afterEach(() => {
  jest.useRealTimers();
});

/** Bytes as they come, ten times a second. */
function transfer(progress: Progress, { fromMs = 0, toMs, bytesPerSecond, totalBytes }: Transfer): void {
  for (let atMs = fromMs + 100; atMs <= toMs; atMs += 100) {
    progress.bytes((atMs / 1_000) * bytesPerSecond, totalBytes);
    jest.advanceTimersByTime(100);
  }
}
interface Transfer {
  readonly fromMs?: number;
  readonly toMs: number;
  readonly bytesPerSecond: number;
  readonly totalBytes?: number;
}

test('what is quick shows nothing at all', () => {
  const { terminal, written } = openScreen({ terminals: ['stderr'] });
  using progress = new Progress(terminal, 'asking 3 nodes');
  jest.advanceTimersByTime(400);
  progress.end();
  jest.advanceTimersByTime(5_000);
  expect(written.stderr).toBe('');
});

test('a wait over half a second shows that something goes on, and leaves no trace', () => {
  const { terminal, written } = openScreen({ terminals: ['stderr'] });
  const progress = new Progress(terminal, 'asking 3 nodes');
  jest.advanceTimersByTime(600);
  expect(visibleLines(written.stderr)).toEqual([expect.stringMatching(/^. asking 3 nodes$/)]);
  progress.wait('waiting for cp2');
  jest.advanceTimersByTime(100);
  expect(visibleLines(written.stderr)).toEqual([expect.stringMatching(/^. waiting for cp2$/)]);
  progress.end();
  expect(visibleLines(written.stderr)).toEqual([]);
});

test('bytes show percentage, done of total, rate and time left', () => {
  const { terminal, written } = openScreen({ terminals: ['stderr'], columns: 100 });
  using progress = new Progress(terminal, 'saving from cp2 (follower)');
  transfer(progress, { toMs: 4_000, bytesPerSecond: 100 * mib, totalBytes: 1_000 * mib });
  expect(visibleLines(written.stderr, 100)).toEqual([
    'saving from cp2 (follower)',
    ' ██████████████░░░░░░░░░░░░░░░░░░░░░░  40 %   400 MiB of 1000 MiB   100 MiB/s   6 s left',
  ]);
});

test('more bytes than the estimate said: full, and no more than that', () => {
  const { terminal, written } = openScreen({ terminals: ['stderr'], columns: 100 });
  using progress = new Progress(terminal, 'saving');
  transfer(progress, { toMs: 4_000, bytesPerSecond: 100 * mib, totalBytes: 300 * mib });
  expect(visibleLines(written.stderr, 100)[1]).toBe(` ${'█'.repeat(36)}  100 %   400 MiB   100 MiB/s`);
});

test('without a total: what is done, and how fast', () => {
  const { terminal, written } = openScreen({ terminals: ['stderr'] });
  using progress = new Progress(terminal, 'saving');
  transfer(progress, { toMs: 2_000, bytesPerSecond: 100 * mib });
  expect(visibleLines(written.stderr)[1]).toBe(' 200 MiB   100 MiB/s');
});

test('draws at most ten times a second, however often bytes come', () => {
  const { terminal, written } = openScreen({ terminals: ['stderr'] });
  using progress = new Progress(terminal, 'saving');
  for (let at = 0; at < 3_000; at++) {
    progress.bytes(at, 3_000);
    jest.advanceTimersByTime(1);
  }
  const drawn = written.stderr.match(/saving/g)?.length ?? 0;
  expect(drawn).toBeGreaterThan(20);
  expect(drawn).toBeLessThanOrEqual(26);
});

test('the display is gone when the work throws', () => {
  const { terminal, written } = openScreen({ terminals: ['stderr'] });
  expect(() => {
    using progress = new Progress(terminal, 'saving');
    jest.advanceTimersByTime(1_000);
    progress.bytes(1, 2);
    throw new Error('Ctrl-C');
  }).toThrow('Ctrl-C');
  expect(visibleLines(written.stderr)).toEqual([]);
  expect(jest.getTimerCount()).toBe(0);
});

test('without a terminal: a line a state with its time, and one every ten seconds while bytes move', () => {
  const { terminal, written } = openScreen();
  using progress = new Progress(terminal, 'asking 3 nodes');
  jest.advanceTimersByTime(1_000);
  progress.state('saving from cp2 (follower)');
  transfer(progress, { toMs: 25_000, bytesPerSecond: 10 * mib, totalBytes: 300 * mib });
  progress.state('verifying');
  progress.end();
  expect(written.stderr).toBe(
    [
      '2026-11-21T10:15:01Z saving from cp2 (follower)',
      '2026-11-21T10:15:11Z saving from cp2 (follower): 33 %, 100 MiB of 300 MiB, 10.0 MiB/s, 20 s left',
      '2026-11-21T10:15:21Z saving from cp2 (follower): 66 %, 200 MiB of 300 MiB, 10.0 MiB/s, 10 s left',
      '2026-11-21T10:15:26Z verifying',
      '',
    ].join('\n'),
  );
});

test('without a terminal: a wait becomes a line when it is long, and only once', () => {
  const { terminal, written } = openScreen();
  using progress = new Progress(terminal, 'asking 3 nodes');
  jest.advanceTimersByTime(1_900);
  expect(written.stderr).toBe('');
  jest.advanceTimersByTime(20_000);
  expect(written.stderr).toBe('2026-11-21T10:15:02Z asking 3 nodes\n');
  progress.end();
});

test('a rate follows a stall within seconds and does not depend on how often it is fed', () => {
  const [often, seldom] = [new SmoothedRate(0), new SmoothedRate(0)];
  expect(often.bytesPerSecond).toBeUndefined();
  for (let ms = 100; ms <= 4_000; ms += 100) often.add(ms, ms * 1_000);
  for (let ms = 1_000; ms <= 4_000; ms += 1_000) seldom.add(ms, ms * 1_000);
  expect(often.bytesPerSecond).toBeCloseTo(1_000_000);
  expect(seldom.bytesPerSecond).toBeCloseTo(1_000_000);
  for (let ms = 4_100; ms <= 14_000; ms += 100) often.add(ms, 4_000_000);
  expect(often.bytesPerSecond).toBeLessThan(50_000);
});
