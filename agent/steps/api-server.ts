import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, messageOf } from '../../core/failure.ts';
import type { ApiServerPlace } from '../../core/operation/steps.ts';
import type { StepContext } from './step.ts';

const readyWithinMs = 180_000;
const answerWithinMs = 5_000;
const lookEveryMs = 150;
const refusedForMs = 10_000;

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Waits until the API server of this node says that it is ready.
 * @throws {Failure} `api-server-not-ready`, with what it says of itself.
 */
export async function untilReady(place: ApiServerPlace, { root, node, progress, signal }: StepContext): Promise<void> {
  const endMs = performance.now() + readyWithinMs;
  progress('waiting for the API server');
  let refusedSinceMs: number | undefined;
  for (;;) {
    const answer = await askApiServer(place, { path: '/readyz' }, { root, signal }).catch((thrown: unknown) => ({
      status: 0,
      body: messageOf(thrown),
    }));
    if (answer.status === 200) return;
    // One that lets nobody in whom it does not know is up; but while it starts it does not know anybody yet.
    refusedSinceMs = [401, 403].includes(answer.status) ? (refusedSinceMs ?? performance.now()) : undefined;
    if (refusedSinceMs !== undefined && performance.now() - refusedSinceMs > refusedForMs) return;
    if (performance.now() > endMs)
      throw new Failure({
        reason: 'api-server-not-ready',
        what: `the API server is not ready after ${readyWithinMs / 1000} s`,
        node,
        why: failedChecks(answer.body),
        next: 'on the node: crictl ps -a --name kube-apiserver, and crictl logs of the newest; then resume',
      });
    await sleep(lookEveryMs, undefined, { signal });
  }
}

/**
 * One request to the API server of this very node, shown the certificate with which it reaches kubelets: kubeadm makes that an administrator's.
 * The server's own certificate is not checked: it is of this node, may not name this address, and gets nothing that is secret.
 */
export async function askApiServer(
  { url, certificateFile, keyFile }: ApiServerPlace,
  asked: { readonly path: string; readonly method?: string; readonly json?: unknown },
  { root, signal }: Pick<StepContext, 'root' | 'signal'>,
): Promise<ApiAnswer> {
  const read = async (path: string | undefined) => (path === undefined ? undefined : readFile(await root.here(path)));
  const [cert, key] = await Promise.all([read(certificateFile), read(keyFile)]).catch(() => [undefined, undefined]);
  const { promise, resolve, reject } = Promise.withResolvers<ApiAnswer>();
  const outgoing = request(
    new URL(asked.path, url),
    {
      ...{ method: asked.method ?? 'GET', agent: false, timeout: answerWithinMs, rejectUnauthorized: false, signal },
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
      headers: asked.json === undefined ? {} : { 'content-type': 'application/json' },
    },
    (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body = `${body}${chunk}`.slice(0, 64 * 1024)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    },
  );
  outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${answerWithinMs / 1000} s`)));
  outgoing.on('error', reject);
  outgoing.end(asked.json === undefined ? undefined : JSON.stringify(asked.json));
  return promise;
}

/** Of what /readyz says when it is not ready: `[-]etcd failed: reason withheld`. */
function failedChecks(body: string): string {
  const failed = body.split('\n').filter((line) => line.startsWith('[-]'));
  return (failed.length > 0 ? failed.join(', ') : body.trim()).slice(0, 300);
}
