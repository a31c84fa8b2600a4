import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { offsetOf } from '../../../plugin/doctor/observe.ts';

test('however long the agent takes, and each way: the true difference lies within what is said', () => {
  const ms = fc.integer({ min: 0, max: 5_000 });
  fc.assert(
    fc.property(fc.integer({ min: -1e7, max: 1e7 }), ms, ms, ms, (ahead, there, thinking, back) => {
      const sentMs = Date.parse('2026-11-21T10:00:00Z');
      const receivedAt = new Date(sentMs + there + ahead).toISOString();
      const answeredAt = new Date(sentMs + there + thinking + ahead).toISOString();
      const { aheadMs, withinMs } = offsetOf({ receivedAt, answeredAt }, sentMs, sentMs + there + thinking + back);
      expect(Math.abs(aheadMs - ahead)).toBeLessThanOrEqual(withinMs);
      expect(withinMs).toBe((there + back) / 2);
    }),
  );
});
