import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  emptyRegister,
  mergeRegisters,
  presentNodes,
  pruneRegister,
  standingFences,
  withCluster,
  withNode,
} from '../../../core/access/register.ts';
import type { ApiServer, Register } from '../../../core/access/register.ts';

const day = fc.integer({ min: 1, max: 28 }).map((each) => `2026-11-${String(each).padStart(2, '0')}T00:00:00.000Z`);
const serial = fc.constantFrom('4000000000000001', '4000000000000002', '4000000000000003');
const version = fc.integer({ min: 1, max: 4 });
const registers: fc.Arbitrary<Register> = fc
  .record({
    cluster: fc.option(
      fc.record({ version, name: fc.constantFrom('one', 'other'), apiServers: fc.constant<ApiServer[]>([]) }),
      {
        nil: undefined,
      },
    ),
    nodes: fc.uniqueArray(
      fc.record({
        version,
        name: fc.constantFrom('cp1', 'cp2', 'cp3'),
        addresses: fc.subarray(['10.0.0.1', '10.0.0.2', 'fd00::1']),
        port: fc.constant(2378),
      }),
      { selector: ({ name }) => name },
    ),
    certificates: fc.uniqueArray(
      fc.record({
        serial,
        name: fc.constantFrom('anna', 'ben'),
        issuedAt: day,
        expiresAt: day,
        issuedBy: fc.constant('cp1'),
      }),
      { selector: (each) => each.serial },
    ),
    revocations: fc.uniqueArray(
      fc.record({ serial, revokedAt: day, by: fc.constantFrom('anna', 'ben'), expiresAt: day }),
      { selector: (each) => each.serial },
    ),
    fences: fc.uniqueArray(
      fc.record(
        {
          node: fc.constantFrom('cp1', 'cp2'),
          operation: fc.constantFrom('r-2345', 'r-2346'),
          at: day,
          by: fc.constantFrom('anna', 'ben'),
          lifted: fc.record({ at: day, by: fc.constant('ben') }),
        },
        { requiredKeys: ['node', 'operation', 'at', 'by'] },
      ),
      { selector: ({ node, operation }) => `${node} ${operation}` },
    ),
  })
  // As every register is: what was merged with nothing stands in order.
  .map(({ cluster, ...rest }) =>
    mergeRegisters(emptyRegister, { ...rest, ...(cluster === undefined ? {} : { cluster }) }),
  );

describe('merging: any order, any number of times', () => {
  test('of two it does not matter which comes first', () => {
    fc.assert(fc.property(registers, registers, (a, b) => expect(mergeRegisters(a, b)).toEqual(mergeRegisters(b, a))));
  });

  test('of three it does not matter which two meet first', () => {
    fc.assert(
      fc.property(registers, registers, registers, (a, b, c) =>
        expect(mergeRegisters(mergeRegisters(a, b), c)).toEqual(mergeRegisters(a, mergeRegisters(b, c))),
      ),
    );
  });

  test('once more changes nothing', () => {
    fc.assert(
      fc.property(registers, registers, (a, b) => {
        const merged = mergeRegisters(a, b);
        expect(mergeRegisters(merged, b)).toEqual(merged);
        expect(mergeRegisters(merged, merged)).toEqual(merged);
      }),
    );
  });

  test('what was revoked stays revoked', () => {
    fc.assert(
      fc.property(registers, registers, (a, b) => {
        const merged = new Set(mergeRegisters(a, b).revocations.map((each) => each.serial));
        for (const { serial: each } of [...a.revocations, ...b.revocations]) expect(merged.has(each)).toBe(true);
      }),
    );
  });
});

test('a fence that was lifted stays so, whoever brings it back; one of another operation holds', () => {
  const fence = { node: 'cp3', operation: 'r-2345', at: '2026-11-21T00:00:00.000Z', by: 'anna' };
  const fenced = { ...emptyRegister, fences: [fence] };
  const lifted = { ...emptyRegister, fences: [{ ...fence, lifted: { at: '2026-11-22T00:00:00.000Z', by: 'ben' } }] };
  expect(standingFences(fenced)).toEqual([fence]);
  expect(standingFences(mergeRegisters(lifted, fenced))).toEqual([]);
  const again = { ...emptyRegister, fences: [{ ...fence, operation: 'r-2346' }] };
  expect(standingFences(mergeRegisters(mergeRegisters(again, lifted), fenced))).toEqual(again.fences);
  // Those that know of none go on writing the register that they know.
  expect(mergeRegisters(emptyRegister, emptyRegister)).not.toHaveProperty('fences');
  expect(pruneRegister(fenced, Date.parse('2036-01-01T00:00:00Z')).fences).toEqual([fence]);
});

test('a node that moves is known at its new place everywhere, whatever the clocks say', () => {
  const before = withNode(emptyRegister, { name: 'cp1', addresses: ['10.0.0.1'], port: 2378 });
  const after = withNode(before, { name: 'cp1', addresses: ['10.0.0.9'], port: 2378 });
  expect(mergeRegisters(after, before)).toEqual(after);
  expect(presentNodes(mergeRegisters(before, after))[0]?.addresses).toEqual(['10.0.0.9']);
});

test('a node that has left is not brought back by who has not heard of it, and comes back when it says so itself', () => {
  const node = { name: 'cp1', addresses: ['10.0.0.1'], port: 2378 };
  const there = withNode(emptyRegister, node);
  const left = withNode(there, { ...node, removed: true });
  expect(presentNodes(mergeRegisters(there, left))).toEqual([]);
  expect(presentNodes(mergeRegisters(left, withNode(left, node)))).toHaveLength(1);
});

test('a cluster that was renamed has its new name', () => {
  const named = withCluster(emptyRegister, { name: 'one', apiServers: [] });
  const renamed = withCluster(named, { name: 'two', apiServers: [] });
  expect(mergeRegisters(named, renamed).cluster?.name).toBe('two');
});

test.each([
  ['before it expires', '2026-12-01T00:00:00Z', 1],
  ['in the months after', '2027-02-01T00:00:00Z', 1],
  ['a year later', '2028-01-01T00:00:00Z', 0],
])('a certificate and its revocation are kept %s', (_, now, kept) => {
  const each = { serial: '4000000000000001', expiresAt: '2026-12-24T00:00:00.000Z' };
  const pruned = pruneRegister(
    {
      ...emptyRegister,
      certificates: [{ ...each, name: 'anna', issuedAt: '2026-11-01T00:00:00.000Z', issuedBy: 'cp1' }],
      revocations: [{ ...each, revokedAt: '2026-11-02T00:00:00.000Z', by: 'ben' }],
    },
    Date.parse(now),
  );
  expect(pruned.certificates).toHaveLength(kept);
  expect(pruned.revocations).toHaveLength(kept);
});
