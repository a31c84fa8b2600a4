import { Failure, messageOf } from '../../core/failure.ts';
import { parseBoundedYaml } from './bounded-yaml.ts';

/**
 * etcd's options by their flag's name without dashes (`data-dir`), as text, whatever they came from: the command line, the environment or a
 * configuration file. In a configuration file the TLS options stand in two maps; here they have the names of their flags.
 */
export type EtcdOptions = ReadonlyMap<string, string>;

/**
 * The flags that etcd defines as booleans: Go's flag package takes no separate value for these, so that in `--client-cert-auth --name a`
 * and in `--client-cert-auth false` the next word is not theirs. (etcd 3.4 to 3.6, server/etcdmain/config.go and server/embed/config.go.)
 */
const booleanFlags: ReadonlySet<string> = new Set([
  ...[
    'version',
    'strict-reconfig-check',
    'pre-vote',
    'force-new-cluster',
    'unsafe-no-fsync',
    'enable-v2',
    'enable-pprof',
    'debug',
  ],
  ...[
    'client-cert-auth',
    'auto-tls',
    'peer-client-cert-auth',
    'peer-auto-tls',
    'peer-skip-client-san-verification',
    'help',
    'h',
  ],
  ...[
    'client-skip-client-san-verification',
    'initial-election-tick-advance',
    'enable-log-rotation',
    'socket-reuse-port',
  ],
  ...[
    'socket-reuse-address',
    'discovery-insecure-transport',
    'discovery-insecure-skip-tls-verify',
    'enable-grpc-gateway',
  ],
  ...['experimental-initial-corrupt-check', 'experimental-compact-hash-check-enabled', 'experimental-enable-v2v3'],
  ...[
    'experimental-enable-lease-checkpoint',
    'experimental-enable-lease-checkpoint-persist',
    'experimental-memory-mlock',
  ],
  ...['experimental-enable-distributed-tracing', 'experimental-txn-mode-write-with-shared-buffer', 'memory-mlock'],
  ...[
    'experimental-stop-grpc-service-on-defrag',
    'enable-distributed-tracing',
    'experimental-set-member-localaddr',
    'set-member-localaddr',
  ],
]);

/** A flag and the words that make it up: one, or two where its value is a word of its own. */
export interface FoundFlag {
  readonly name: string;
  readonly value: string;
  /** The position of its first word. */
  readonly at: number;
  readonly words: 1 | 2;
}

/** Finds flags as Go's flag package does: one dash or two, `=` or the next word; `--` or a word ends them. */
export function findFlags(words: readonly string[]): readonly FoundFlag[] {
  const flags: FoundFlag[] = [];
  for (let at = 0; at < words.length; at += flags.at(-1)?.words ?? 1) {
    const found = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(words[at] ?? '');
    if (found?.[1] === undefined) break;
    const [, name, value] = found;
    const next = words[at + 1];
    if (value !== undefined) flags.push({ name, value, at, words: 1 });
    // A boolean of a newer etcd, unknown here, gives itself away: hardly any value begins with two dashes.
    else if (booleanFlags.has(name) || next?.startsWith('--') === true)
      flags.push({ name, value: 'true', at, words: 1 });
    else flags.push({ name, value: next ?? '', at, words: next === undefined ? 1 : 2 });
  }
  return flags;
}

/** The options that flags make; of several flags of one name the last counts. */
export function readFlags(words: readonly string[]): EtcdOptions {
  return new Map(findFlags(words).map(({ name, value }) => [name, value]));
}

/** `ETCD_DATA_DIR` is `data-dir`; one that is empty counts as not there (etcd, pkg/flags/flag.go). */
export function readEnvironment(environment: Readonly<Record<string, string>>): EtcdOptions {
  return new Map(
    Object.entries(environment)
      .filter(([name, value]) => name.startsWith('ETCD_') && value !== '')
      .map(([name, value]) => [name.slice('ETCD_'.length).toLowerCase().replaceAll('_', '-'), value]),
  );
}

/** What etcd is told on its command line and in its environment; a flag beats a variable. Names the configuration file where one is given. */
export function readCommandLine(invocation: {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}): {
  readonly options: EtcdOptions;
  readonly configFile: string | undefined;
} {
  const options = new Map([...readEnvironment(invocation.environment), ...readFlags(invocation.words)]);
  const configFile = options.get('config-file');
  return { options, configFile: configFile === '' ? undefined : configFile };
}

/** Maps of the configuration file whose fields have other names as flags. */
const sections = [
  { field: 'client-transport-security', prefix: '' },
  { field: 'peer-transport-security', prefix: 'peer-' },
];

/**
 * Reads etcd's YAML configuration file, which makes etcd ignore every flag and variable.
 * @throws {Failure} `etcd-config-unreadable`.
 */
export function readConfigFile(text: string, file: string): EtcdOptions {
  let config: unknown;
  try {
    config = parseBoundedYaml(text);
  } catch (cause) {
    throw unreadableConfig(file, messageOf(cause), cause);
  }
  if (config === null || config === undefined) return new Map();
  if (!isMap(config)) throw unreadableConfig(file, 'it is not a map of options');
  const options = new Map(scalars(config));
  for (const { field, prefix } of sections) {
    const section = config[field];
    if (isMap(section)) for (const [name, value] of scalars(section)) options.set(`${prefix}${name}`, value);
  }
  return options;
}

function scalars(map: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(map).flatMap(([name, value]): [string, string][] => {
    if (Array.isArray(value)) return [[name, value.filter((entry) => typeof entry === 'string').join(',')]];
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? [[name, String(value)]]
      : [];
  });
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadableConfig(file: string, why: string, cause?: unknown): Failure {
  return new Failure({
    reason: 'etcd-config-unreadable',
    what: `cannot read etcd's configuration file ${file}`,
    why,
    next: `etcd itself would not start with it; see kubectl etcd logs, and mend ${file} on the node`,
    cause,
  });
}
