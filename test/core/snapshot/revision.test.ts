import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mainRevision, parseRevision, revisionKey } from '../../../core/snapshot/revision.ts';

test('a revision is told by its bytes alone just as when it is parsed', () => {
  const sound = fc
    .tuple(fc.maxSafeNat(), fc.maxSafeNat(), fc.boolean())
    .map(([main, sub, dead]) => Buffer.concat([revisionKey(main, sub), Buffer.from(dead ? 't' : '')]));
  const changed = fc
    .tuple(sound, fc.nat(17), fc.nat(255))
    .map(([key, at, byte]) =>
      Buffer.from(key).fill(byte, Math.min(at, key.length - 1), Math.min(at, key.length - 1) + 1),
    );
  fc.assert(
    fc.property(fc.oneof(sound, changed, fc.uint8Array({ maxLength: 20 })), (key) => {
      const around = Buffer.concat([Buffer.from([1, 2, 3]), key, Buffer.from([4])]);
      expect(mainRevision(around, 3, 3 + key.length)).toBe(parseRevision(key)?.main ?? -1);
    }),
    { numRuns: 5000 },
  );
});
