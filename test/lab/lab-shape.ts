/** What a lab is asked to be: the arguments of `hack/lab up`. */
import { parseArgs } from 'node:util';
import { Failure, exitCode, messageOf } from '../../core/failure.ts';
import { probeStyles } from './etcd-probes.ts';
import type { ProbeStyle } from './etcd-probes.ts';
import { etcdVersions } from './where.ts';
import type { EtcdVersion } from './where.ts';

export interface LabShape {
  readonly count: number;
  readonly etcd: EtcdVersion;
  readonly probes: ProbeStyle;
}

/** `[COUNT] [--etcd VERSION] [--probes STYLE]` in any order. @throws {Failure} `usage` */
export function labShapeOf(argv: readonly string[]): LabShape {
  const { values, positionals } = parsed(argv);
  const [count = '3', ...more] = positionals;
  if (!/^[1-9]$/.test(count)) throw usage(`up does not know ${count}: it takes a number of nodes from 1 to 9`);
  if (more.length > 0) throw usage(`up takes one number of nodes, not ${positionals.join(' and ')} too`);
  const etcd = oneOf('--etcd', etcdVersions, values.etcd ?? '3.5');
  const probes = oneOf('--probes', probeStyles, values.probes ?? 'health');
  if (probes === 'livez' && etcd === '3.4') throw usage('the etcd 3.4 of Debian 12 has no /livez: it came with 3.4.29');
  return { count: Number(count), etcd, probes };
}

export function describeShape({ count, etcd, probes }: LabShape): string {
  const nodes = `${count} node${count === 1 ? '' : 's'}, etcd ${etcd}`;
  return probes === 'health' ? nodes : `${nodes}, probes ${probes}`;
}

export function usage(what: string): Failure {
  return new Failure({ reason: 'usage', what, next: 'hack/lab help', exit: exitCode.usage });
}

function parsed(argv: readonly string[]) {
  try {
    const options = { etcd: { type: 'string' }, probes: { type: 'string' } } as const;
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (thrown) {
    throw usage(`up: ${messageOf(thrown)}`);
  }
}

function oneOf<Word extends string>(option: string, words: readonly Word[], given: string): Word {
  const word = words.find((known) => known === given);
  if (word === undefined) throw usage(`${option} takes ${words.join(' or ')}`);
  return word;
}
