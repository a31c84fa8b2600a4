import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { exitCode, Failure, messageOf } from '../../core/failure.ts';

/** kubectl's connection flags, as far as they were given. */
export interface ConnectionFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly user?: string;
  readonly server?: string;
  readonly token?: string;
  readonly certificateAuthority?: string;
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  readonly insecureSkipTlsVerify?: boolean;
  readonly tlsServerName?: string;
}

/**
 * The kubeconfig that kubectl would use: --kubeconfig, else the files of KUBECONFIG (the first to name a thing wins), else ~/.kube/config,
 * else a pod's service account; then the flags on top.
 * @throws {Failure} `no-kubeconfig`, `kubeconfig-unreadable`, `unknown-context`; nothing is contacted.
 */
export function loadKubeConfig(flags: ConnectionFlags, environment: NodeJS.ProcessEnv): KubeConfig {
  const config = readFiles(flags, environment);
  if (flags.context !== undefined) {
    if (config.getContextObject(flags.context) === null)
      throw usage('unknown-context', `the kubeconfig has no context "${flags.context}"`, 'kubectl config get-contexts');
    config.setCurrentContext(flags.context);
  }
  const context = config.getContextObject(config.getCurrentContext());
  if (context === null && flags.server === undefined)
    throw usage(
      'unknown-context',
      'the kubeconfig has no current context',
      'kubectl config use-context NAME, or --context NAME',
    );
  return withFlags(config, context, flags);
}

function readFiles(flags: ConnectionFlags, environment: NodeJS.ProcessEnv): KubeConfig {
  const named =
    flags.kubeconfig === undefined ? environment['KUBECONFIG']?.split(delimiter).filter(Boolean) : [flags.kubeconfig];
  const fallback = join(homedir(), '.kube', 'config');
  const files = named ?? (existsSync(fallback) ? [fallback] : []);
  const config = new KubeConfig();
  const present = files.filter((file) => existsSync(file));
  if (present.length === 0) {
    if (named === undefined && environment['KUBERNETES_SERVICE_HOST'] !== undefined) {
      config.loadFromCluster();
      return config;
    }
    if (flags.server !== undefined) {
      config.loadFromClusterAndUser({ name: 'flags', server: flags.server, skipTLSVerify: false }, { name: 'flags' });
      return config;
    }
    throw usage(
      'no-kubeconfig',
      named === undefined
        ? `there is no kubeconfig (${fallback} does not exist)`
        : `there is no kubeconfig at ${named.join(delimiter)}`,
      'name one with --kubeconfig FILE or KUBECONFIG; on a kubeadm node it is /etc/kubernetes/admin.conf',
    );
  }
  const loaded = present.map(readFile);
  // As kubectl merges: the first file that names a cluster, user or context wins, and the first current-context.
  config.loadFromOptions({
    clusters: firstByName(loaded.flatMap((file) => file.clusters)),
    users: firstByName(loaded.flatMap((file) => file.users)),
    contexts: firstByName(loaded.flatMap((file) => file.contexts)),
    currentContext: loaded.map((file) => file.currentContext).find(Boolean) ?? '',
  });
  return config;
}

function readFile(file: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromFile(file);
  } catch (cause) {
    throw new Failure({
      reason: 'kubeconfig-unreadable',
      what: `cannot read the kubeconfig ${file}`,
      why: messageOf(cause),
      next: 'name another with --kubeconfig FILE',
      exit: exitCode.usage,
      cause,
    });
  }
  return config;
}

function firstByName<Named extends { readonly name: string }>(all: readonly Named[]): Named[] {
  return all.filter((one, index) => all.findIndex(({ name }) => name === one.name) === index);
}

function withFlags(
  config: KubeConfig,
  context: ReturnType<KubeConfig['getContextObject']>,
  flags: ConnectionFlags,
): KubeConfig {
  const cluster = config.getCluster(flags.cluster ?? context?.cluster ?? 'flags');
  if (flags.server !== undefined && !/^https?:\/\/[^/]/.test(flags.server))
    throw usage('bad-server', `--server takes a URL, not "${flags.server}"`, '--server https://HOST:6443');
  const user = config.getUser(flags.user ?? context?.user ?? 'flags');
  if (cluster === null)
    throw usage(
      'unknown-cluster',
      `the kubeconfig has no cluster "${flags.cluster ?? context?.cluster ?? ''}"`,
      'kubectl config get-clusters',
    );
  if (user === null && flags.user !== undefined)
    throw usage('unknown-user', `the kubeconfig has no user "${flags.user}"`, 'kubectl config get-users');
  // What a flag replaces must be gone, not undefined beside it: data in the file would win over a file that a flag names.
  const { caData, caFile, ...bareCluster } = cluster;
  const ca =
    flags.insecureSkipTlsVerify === true
      ? {}
      : flags.certificateAuthority === undefined
        ? given({ caData, caFile })
        : { caFile: flags.certificateAuthority };
  const { certData, certFile, keyData, keyFile, ...bareUser } = user ?? { name: 'none' };
  config.loadFromClusterAndUser(
    {
      ...bareCluster,
      ...ca,
      ...given({ server: flags.server, tlsServerName: flags.tlsServerName }),
      skipTLSVerify: flags.insecureSkipTlsVerify ?? cluster.skipTLSVerify,
    },
    {
      ...bareUser,
      ...given({ token: flags.token }),
      ...(flags.clientCertificate === undefined
        ? given({ certData, certFile })
        : { certFile: flags.clientCertificate }),
      ...(flags.clientKey === undefined ? given({ keyData, keyFile }) : { keyFile: flags.clientKey }),
    },
  );
  return config;
}

/** Only what is there: exactOptionalPropertyTypes tells an absent field from an undefined one, and so does client-node. */
function given<Fields extends Record<string, string | undefined>>(fields: Fields): { [Name in keyof Fields]?: string } {
  const present: { [Name in keyof Fields]?: string } = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) present[name] = value;
  }
  return present;
}

function usage(reason: string, what: string, next: string): Failure {
  return new Failure({ reason, what, next, exit: exitCode.usage });
}
