/** How quick the disks are, and whether the clocks agree. */
import type { Histogram } from '../../../core/examination/messages.ts';
import { formatDuration } from '../../report/units.ts';
import { examined } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';

/**
 * etcd's documentation wants the 99th percentile of an fsync of the write-ahead log below 10 ms, and of a commit of the database below 25 ms. At a
 * heartbeat's 100 ms a leader is taken for dead.
 */
const limits = {
  walFsync: { called: "an fsync of etcd's write-ahead log", wantedSeconds: 0.01, heartbeatSeconds: 0.1 },
  backendCommit: { called: "a commit of etcd's database", wantedSeconds: 0.025, heartbeatSeconds: 0.25 },
} as const;
/** Of fewer nothing can be told. */
const fewestSamples = 500;

/** As etcd measures since it was started: one bad hour may be long over. */
export const slowDisk: Rule = (observation) => {
  const slow = examined(observation).flatMap(({ name, examination: { durations } }) =>
    (['walFsync', 'backendCommit'] as const).flatMap((kind) => {
      const seconds = percentileAtLeast(durations?.[kind], 0.99);
      const { wantedSeconds, heartbeatSeconds, called } = limits[kind];
      if (seconds === undefined || seconds < wantedSeconds) return [];
      const text = `${name}: one of a hundred takes more than ${formatDuration(seconds * 1000)} for ${called} (recommended: below ${wantedSeconds * 1000} ms), since etcd was started`;
      return [{ name, text, hurts: seconds >= heartbeatSeconds }];
    }),
  );
  const group = (hurts: boolean): Finding[] => {
    const found = slow.filter((each) => each.hurts === hurts);
    if (found.length === 0) return [];
    const where = [...new Set(found.map(({ name }) => name))];
    return [
      {
        severity: hurts ? 'warning' : 'info',
        rule: 'slow-disk',
        what: hurts
          ? `the disk of ${where.join(', ')} is too slow for etcd: leaders may be lost for it`
          : `the disk of ${where.join(', ')} is slower than etcd recommends`,
        where,
        evidence: found.map(({ text }) => text),
        commands: hurts
          ? [`on ${where[0] ?? ''}: iostat -x 1 shows who keeps the disk busy; etcd wants an SSD of its own`]
          : [],
      },
    ];
  };
  return [...group(true), ...group(false)];
};

/**
 * The lower bound of the bucket that the percentile falls into, in seconds: it takes at least so long. Undefined of too few samples, and where it falls
 * into the first.
 */
export function percentileAtLeast(histogram: Histogram | undefined, share: number): number | undefined {
  if (histogram === undefined || histogram.total < fewestSamples) return undefined;
  const at = histogram.buckets.findIndex(({ count }) => count >= share * histogram.total);
  const below = at === -1 ? histogram.buckets.at(-1) : histogram.buckets[at - 1];
  return below?.upToSeconds;
}

/** etcd complains of its peers' clocks from here on (rafthttp, monitor of the clock difference). Certificates and leases go by clocks. */
const skewMs = 1_000;

export const clocksDiffer: Rule = (observation) => {
  const clocks = observation.nodes.flatMap(({ name, clock }) => (clock === undefined ? [] : [{ name, ...clock }]));
  if (clocks.length < 2) return [];
  const sorted = clocks.toSorted((one, other) => one.aheadMs - other.aheadMs);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) return [];
  // Only what lies outside of what the measurement itself may be wrong by.
  const surely = ({ aheadMs, withinMs }: (typeof clocks)[number]) =>
    Math.abs(aheadMs - middle.aheadMs) - withinMs - middle.withinMs;
  const off = clocks.filter((clock) => surely(clock) > skewMs);
  if (off.length === 0) return [];
  const where = clocks.length === 2 ? clocks.map(({ name }) => name) : off.map(({ name }) => name);
  return [
    {
      severity: 'warning',
      rule: 'clocks-differ',
      what:
        clocks.length === 2
          ? 'the clocks of the nodes differ'
          : `the clock of ${where.join(', ')} differs from those of the others`,
      where,
      evidence: clocks.map(
        ({ name, aheadMs, withinMs }) =>
          `${name}: ${formatDuration(Math.abs(aheadMs))} ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine (give or take ${formatDuration(withinMs)})`,
      ),
      commands: [`on ${where[0] ?? ''}: timedatectl; chronyc tracking`],
    },
  ];
};
