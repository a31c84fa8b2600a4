import { Failure } from '../../core/failure.ts';
import type { FoundEtcd } from '../../core/protocol/messages.ts';
import type { EtcdOptions } from './flags.ts';

/** The files of etcd's TLS, as paths of the host. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Of the clients' certificates; etcd asks for one as soon as this is set, or `--client-cert-auth`. */
  readonly trustedCaFile: string | undefined;
  readonly clientCertAuth: boolean;
  readonly peer:
    { readonly certFile: string; readonly keyFile: string; readonly trustedCaFile?: string | undefined } | undefined;
}

export interface Member {
  readonly etcd: Omit<FoundEtcd, 'host' | 'source' | 'image' | 'program' | 'environmentFile'>;
  /** Absent where clients speak plain HTTP. */
  readonly tls: TlsFiles | undefined;
  /** Sentences about what a person should mend and what does not stop us. */
  readonly warnings: readonly string[];
}

/** etcd's default of --quota-backend-bytes (server/storage/quota.go, DefaultQuotaBytes). */
const defaultQuotaBytes = 2 * 1024 ** 3;

/**
 * What the options of a member mean, with etcd's defaults (3.4 to 3.6).
 * @param hostPath where a path that etcd sees is on the host; undefined where it is not on the host at all.
 * @throws {Failure} `etcd-options-unreadable` naming the option.
 */
export function readMember(options: EtcdOptions, hostPath: (path: string) => string | undefined): Member {
  const warnings: string[] = [];
  const onHost = (option: string, path: string): string => {
    const found = hostPath(path);
    if (found === undefined)
      warnings.push(
        `--${option} ${path} is inside etcd's container, on no volume of the host: it is lost with the container`,
      );
    return found ?? path;
  };
  const name = given(options, 'name') ?? 'default';
  const dataDirInside = given(options, 'data-dir') ?? `${name}.etcd`;
  const dataDir = onHost('data-dir', dataDirInside);
  const walDir = given(options, 'wal-dir');
  const listen = urls(options, 'listen-client-urls') ?? ['http://localhost:2379'];
  const clientUrl = reachableUrl(listen);
  return {
    etcd: {
      name,
      dataDir,
      ...(walDir === undefined ? {} : { walDir: onHost('wal-dir', walDir) }),
      clientUrl,
      advertisedClientUrls: urls(options, 'advertise-client-urls') ?? listen,
      peerUrls: urls(options, 'initial-advertise-peer-urls') ??
        urls(options, 'listen-peer-urls') ?? ['http://localhost:2380'],
      quotaBytes: quotaBytes(options),
      metricsUrl: reachableUrl(urls(options, 'listen-metrics-urls') ?? listen),
      initial: initialOf(options),
    },
    tls: clientUrl.startsWith('https:') ? tlsFiles(options, dataDir, (path) => hostPath(path) ?? path) : undefined,
    warnings,
  };
}

function tlsFiles(options: EtcdOptions, dataDir: string, onHost: (path: string) => string): TlsFiles {
  const file = (option: string) => {
    const path = given(options, option);
    return path === undefined ? undefined : onHost(path);
  };
  const peerCert = file('peer-cert-file');
  const peerKey = file('peer-key-file');
  // With --auto-tls etcd writes its own certificate here (server/embed/config.go, ClientSelfCert).
  const generated = `${dataDir}/fixtures/client`;
  return {
    certFile: file('cert-file') ?? `${generated}/cert.pem`,
    keyFile: file('key-file') ?? `${generated}/key.pem`,
    trustedCaFile: file('trusted-ca-file'),
    clientCertAuth: isTrue(given(options, 'client-cert-auth')) || file('trusted-ca-file') !== undefined,
    peer:
      peerCert === undefined || peerKey === undefined
        ? undefined
        : { certFile: peerCert, keyFile: peerKey, trustedCaFile: file('peer-trusted-ca-file') },
  };
}

/**
 * The address at which a process on the same node reaches etcd: a loopback one where it listens on one, else the first. `0.0.0.0` and `[::]`
 * listen on loopback too.
 */
export function reachableUrl(listen: readonly string[]): string {
  const candidates = listen.map((url) => new URL(url)).map(throughLoopback);
  const chosen =
    candidates.find(({ hostname }) => /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) ?? candidates[0];
  if (chosen === undefined) throw unreadableOption('listen-client-urls', 'it is empty');
  // etcd wants a port in every URL; the parser leaves out the one that is the scheme's own.
  const port = chosen.port === '' ? (chosen.protocol === 'https:' ? '443' : '80') : chosen.port;
  return `${chosen.protocol}//${chosen.hostname}:${port}`;
}

function throughLoopback(url: URL): { readonly protocol: string; readonly hostname: string; readonly port: string } {
  const { protocol, hostname, port } = url;
  if (hostname === '0.0.0.0') return { protocol, hostname: '127.0.0.1', port };
  if (hostname === '[::]') return { protocol, hostname: '[::1]', port };
  return { protocol, hostname, port };
}

/** etcd's boolean flags are read by Go's strconv.ParseBool. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text);
}

function initialOf(options: EtcdOptions) {
  const cluster = given(options, 'initial-cluster');
  const state = given(options, 'initial-cluster-state');
  return {
    ...(cluster === undefined ? {} : { cluster }),
    ...(state === undefined ? {} : { state }),
    forcesNewCluster: isTrue(given(options, 'force-new-cluster')),
  };
}

function quotaBytes(options: EtcdOptions): number {
  const text = given(options, 'quota-backend-bytes') ?? '0';
  const bytes = Number(text);
  if (!/^-?\d+$/.test(text)) throw unreadableOption('quota-backend-bytes', `"${text}" is no number`);
  if (bytes === 0) return defaultQuotaBytes;
  // Negative turns the quota off.
  return bytes < 0 ? Number.MAX_SAFE_INTEGER : Math.min(bytes, Number.MAX_SAFE_INTEGER);
}

function urls(options: EtcdOptions, option: string): string[] | undefined {
  const text = given(options, option);
  if (text === undefined) return undefined;
  const list = text.split(',').map((url) => url.trim());
  const wrong = list.find((url) => !URL.canParse(url) || !/^(?:https?|unixs?):\/\/./.test(url));
  if (wrong !== undefined) throw unreadableOption(option, `"${wrong}" is no URL that etcd listens on`);
  return list.filter((url) => url.startsWith('http'));
}

function given(options: EtcdOptions, option: string): string | undefined {
  const text = options.get(option);
  return text === '' ? undefined : text;
}

function unreadableOption(option: string, why: string): Failure {
  return new Failure({ reason: 'etcd-options-unreadable', what: `cannot understand etcd's option --${option}`, why });
}
