/**
 * Fuzzes the decoders: node test/fuzz/main.ts [TARGET...] [--seconds N] [--seed TEXT]. Targets are page, record and object; each round has a seed of its own,
 * named when it fails: --seed gives that round again, alone. The tests run some thousand rounds of each (test/core/snapshot/fuzz.test.ts).
 */
import { parseArgs } from 'node:util';
import { SeededRandom } from '../bench/seeded-random.ts';
import { readCorpus } from './corpus.ts';
import { mutated } from './mutate.ts';
import { targets } from './targets.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
});
const corpus = await readCorpus();
const names = positionals.length > 0 ? positionals : Object.keys(targets);
for (const name of names) {
  const [target, sound] = [targets[name], corpus[name]];
  if (target === undefined || sound === undefined) throw new Error(`targets are ${Object.keys(targets).join(', ')}`);
  const endMs = performance.now() + (Number(flags.seconds) * 1000) / names.length;
  let rounds = 0;
  for (; flags.seed === undefined ? performance.now() < endMs : rounds === 0; rounds++) {
    const seed = flags.seed ?? `${Date.now()}-${rounds}`;
    const random = new SeededRandom(seed);
    const bytes = mutated(random.one(sound), random);
    try {
      target(bytes);
    } catch (cause) {
      throw new Error(`${name} fails: --seed ${seed}, on ${bytes.toString('hex')}`, { cause });
    }
  }
  process.stdout.write(`${name}: ${rounds} rounds\n`);
}
