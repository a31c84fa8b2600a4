import { beforeAll, expect, test } from '@jest/globals';
import { SeededRandom } from '../../bench/seeded-random.ts';
import { readCorpus } from '../../fuzz/corpus.ts';
import { mutated } from '../../fuzz/mutate.ts';
import { targets } from '../../fuzz/targets.ts';

const rounds = process.env['KUBECTL_ETCD_TEST_ALL'] === 'yes' ? 100_000 : 3_000;
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
