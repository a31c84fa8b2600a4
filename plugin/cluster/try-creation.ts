import { request as requestPlain } from 'node:http';
import { request as requestOverTls } from 'node:https';
import type { RequestOptions } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { ApiException } from '@kubernetes/client-node';
import type { KubeConfig } from '@kubernetes/client-node';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { requestTimeoutMs } from './api-failure.ts';

/**
 * Asks the API server to try a creation (dryRun=All: nothing is kept) of an object in Kubernetes' protobuf.
 * @param path of the collection: `/apis/apps/v1/namespaces/shop/deployments`
 * @returns what it would have created
 * @throws {ApiException} what it answers instead; the connection's errors as they are
 */
export async function tryCreation(
  config: KubeConfig,
  path: string,
  object: Buffer,
  signal: AbortSignal,
): Promise<unknown> {
  const server = config.getCurrentCluster()?.server ?? '';
  const options: RequestOptions = {
    method: 'POST',
    signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
  };
  await config.applyToHTTPSOptions(options);
  options.headers = {
    ...(options.headers as OutgoingHttpHeaders | undefined),
    'content-type': 'application/vnd.kubernetes.protobuf',
    'content-length': object.length,
    accept: 'application/json',
  };
  const request = server.startsWith('http:') ? requestPlain : requestOverTls;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${server.replace(/\/$/, '')}${path}?dryRun=All`, options, resolve)
      .on('error', reject)
      .end(object);
  });
  const body = (await buffer(response)).toString('utf8');
  const { statusCode = 0 } = response;
  if (statusCode < 200 || statusCode > 299) throw new ApiException(statusCode, 'dry run', body, {});
  return JSON.parse(body);
}

/** There is one of that name. */
export function isConflict(thrown: unknown): boolean {
  return thrown instanceof ApiException && thrown.code === 409;
}
