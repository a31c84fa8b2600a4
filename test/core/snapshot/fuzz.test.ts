import { beforeAll, expect, test } from '@jest/globals';
import { Page } from '../../../core/snapshot/bbolt/page.ts';
import { SeededRandom } from '../../bench/seeded-random.ts';
import { readCorpus } from '../../fuzz/corpus.ts';
import { mutated } from '../../fuzz/mutate.ts';
import { targets } from '../../fuzz/targets.ts';

const rounds = process.env['KUBECTL_ETCD_TEST_ALL'] === 'yes' ? 200_000 : 20_000;
let corpus: Awaited<ReturnType<typeof readCorpus>>;
beforeAll(async () => {
  corpus = await readCorpus();
});

test.each(Object.entries(targets))(
  'the decoder of a %s keeps its word on any bytes',
  (name, target) => {
    const sound = corpus[name] ?? [];
    expect(sound.length).toBeGreaterThan(5);
    for (const bytes of sound) target(bytes);
    for (let round = 0; round < rounds; round++) {
      // A seed a round, so that the one that fails can be run again alone: node test/fuzz/main.ts TARGET --seed SEED.
      const seed = `test-${round}`;
      const random = new SeededRandom(seed);
      const bytes = mutated(random.one(sound), random);
      try {
        target(bytes);
      } catch (cause) {
        throw new Error(`--seed ${seed}, on ${bytes.toString('hex').slice(0, 400)}`, { cause });
      }
    }
  },
  120_000,
);

test.each([
  [32_768, undefined],
  [32_769, /a key of 32769 bytes/],
] as const)('a key of %d bytes, which no mutation comes to', (keyBytes, refused) => {
  const bytes = Buffer.alloc(16 + 16 + keyBytes);
  bytes.writeUInt16LE(2, 8);
  bytes.writeUInt16LE(1, 10);
  bytes.writeUInt32LE(16, 20);
  bytes.writeUInt32LE(keyBytes, 24);
  const page = () => new Page({ file: 'test.db', page: 7, offset: 0 }, bytes);
  if (refused === undefined) expect(page().keyEnd(0)).toBe(bytes.length);
  else expect(page).toThrow(refused);
});
