import { get as getPlain } from 'node:http';
import { get as getOverTls } from 'node:https';
import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { Failure } from '../../core/failure.ts';

/** The API server's own check of etcd waits 2 s for it. */
const answerWithinMs = 4_000;

/**
 * Whether the API server itself says that it does not get through to etcd: `readyz` lists its checks when one fails, for everyone to read
 * (kubernetes apiserver/pkg/server/healthz). False where it does not answer at all.
 */
export async function saysEtcdFails(config: KubeConfig, signal: AbortSignal): Promise<boolean> {
  const server = config.getCurrentCluster()?.server ?? '';
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const get = server.startsWith('http:') ? getPlain : getOverTls;
  return new Promise((resolve) => {
    const request = get(
      `${server.replace(/\/$/, '')}/readyz`,
      { ...options, signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]) },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text = (text + chunk).slice(0, 16_384)));
        response.on('end', () => resolve(/^\[-\]etcd\b/m.test(text)));
        response.on('error', () => resolve(false));
      },
    );
    request.on('error', () => resolve(false));
  });
}

/** The words in which an API server passes on that etcd did not answer it (etcd api/v3rpc/rpctypes/error.go). */
export function isEtcdsError(message: string): boolean {
  return /etcdserver: (?:request timed out|no leader|leader changed)/.test(message);
}

export function etcdDoesNotAnswer(server: string, why: string): Failure {
  return new Failure({
    reason: 'etcd-behind-api-silent',
    what: `the API server ${server} answers, but etcd behind it does not`,
    why,
    next:
      'on each control-plane node, as root: crictl ps -a --name etcd; crictl logs ID shows why etcd does not run there; ' +
      'the API server serves again as soon as more than half of the members do',
  });
}
