import type { Workload } from '../../core/operation/steps.ts';
import { setEnvironment } from './edit-environment.ts';
import { setEtcdFlags, variableOf } from './edit-manifest.ts';

/** The file that says how etcd of a workload is started, as far as an operation changes it. */
export interface EtcdConfiguration {
  /** A path of the host. */
  readonly file: string;
  /** The same text with other flags, and nothing else that is other. @throws {Failure} `manifest-not-editable`, `environment-not-editable`. */
  readonly withFlags: (text: string, flags: Readonly<Record<string, string>>) => string;
}

/** Undefined where it is left as it is: of what is not etcd, of a plain process, and of a unit that has the flags in its command line. */
export function etcdConfigurationOf(workload: Workload): EtcdConfiguration | undefined {
  if (workload.component !== 'etcd') return undefined;
  if (workload.by === 'static-pod') {
    const { file } = workload;
    return { file, withFlags: (text, flags) => setEtcdFlags(text, new Map(Object.entries(flags)), file) };
  }
  if (workload.by === 'process' || workload.environment === undefined) return undefined;
  const { file } = workload.environment;
  const variables = (flags: Readonly<Record<string, string>>) =>
    new Map(Object.entries(flags).map(([name, value]) => [variableOf(name), value]));
  return { file, withFlags: (text, flags) => setEnvironment(text, variables(flags), file) };
}
