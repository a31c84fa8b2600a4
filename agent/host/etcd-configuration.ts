import type { EtcdFlags, Workload } from '../../core/operation/steps.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import { setEnvironment } from './edit-environment.ts';
import { setEtcdFlags, variableOf } from './edit-manifest.ts';
import { processDescription } from './process.ts';

/** The file that says how etcd of a workload is started, as far as an operation changes it. */
export interface EtcdConfiguration {
  /** A path of the host; undefined where only whoever starts it knows it. */
  readonly file: string | undefined;
  /** The same text with other flags, and nothing else that is other. @throws {Failure} `manifest-not-editable`, `environment-not-editable`. */
  readonly withFlags: (text: string, flags: EtcdFlags) => string;
}

/** Undefined where it is left as it is: of what is not etcd, and of a unit that has the flags in its command line. */
export function etcdConfigurationOf(workload: Workload): EtcdConfiguration | undefined {
  if (workload.component !== 'etcd') return undefined;
  if (workload.by === 'static-pod') {
    const { file } = workload;
    return { file, withFlags: (text, flags) => setEtcdFlags(text, wanted(flags), file) };
  }
  if (workload.by === 'process') return { file: undefined, withFlags: describedWith };
  if (workload.environment === undefined) return undefined;
  const { file } = workload.environment;
  const variables = (flags: EtcdFlags) => new Map([...wanted(flags)].map(([name, value]) => [variableOf(name), value]));
  return { file, withFlags: (text, flags) => setEnvironment(text, variables(flags), file) };
}

/** JSON knows no undefined. */
function wanted(flags: EtcdFlags): Map<string, string | undefined> {
  return new Map(Object.entries(flags).map(([name, value]) => [name, value ?? undefined]));
}

/** Of the local mode's description, which has each flag as a word of its own. */
function describedWith(text: string, flags: EtcdFlags): string {
  const description = decodeJson(processDescription, text, { what: 'etcd.json' });
  const [program = '', ...words] = description.command;
  const kept = words.filter((word) => !Object.hasOwn(flags, /^--?([^=]+)/.exec(word)?.[1] ?? ''));
  const told = Object.entries(flags).flatMap(([name, value]) => (value === null ? [] : [`--${name}=${value}`]));
  return JSON.stringify({ ...description, command: [program, ...kept, ...told] });
}
