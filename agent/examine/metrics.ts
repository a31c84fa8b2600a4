import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { Histogram } from '../../core/examination/messages.ts';
import { Failure } from '../../core/failure.ts';
import type { TlsCredentials } from '../grpc/session.ts';

/** etcd's are 100 to 300 KiB. */
const mostBytes = 4 * 1024 * 1024;

/** The metrics of an etcd as text. @throws {Failure} `metrics-silent`; the signal's reason. */
export async function readMetrics(
  url: string,
  { ca, certificate, key, serverName }: TlsCredentials,
  signal: AbortSignal,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const request = url.startsWith('https:') ? requestTls : requestPlain;
  const outgoing = request(
    new URL('/metrics', url),
    {
      ...{ ca, cert: certificate, key, agent: false, signal },
      ...(serverName === undefined ? {} : { servername: serverName }),
    },
    (response) => {
      const chunks: Buffer[] = [];
      let lengthBytes = 0;
      response.on('data', (chunk: Buffer) => {
        lengthBytes += chunk.length;
        if (lengthBytes > mostBytes) outgoing.destroy(new Error('they have no end'));
        else chunks.push(chunk);
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString());
        else reject(new Error(`HTTP ${response.statusCode ?? 0}`));
      });
      response.on('error', reject);
    },
  );
  outgoing.on('error', reject);
  outgoing.end();
  try {
    return await promise;
  } catch (cause) {
    signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Failure({ reason: 'metrics-silent', what: `etcd's metrics at ${url} cannot be read`, why, cause });
  }
}

/** A histogram without labels out of Prometheus' text; undefined where there is none of that name, or it makes no sense. */
export function histogramIn(text: string, name: string): Histogram | undefined {
  const buckets: { upToSeconds: number; count: number }[] = [];
  let total: number | undefined;
  let sumSeconds: number | undefined;
  for (const line of text.split('\n')) {
    if (!line.startsWith(name)) continue;
    const bucket = /^_bucket\{le="([^"]+)"\} (\S+)$/.exec(line.slice(name.length));
    if (bucket !== null) {
      // The last bound is infinity, which JSON does not have; it holds all, which `total` says.
      if (bucket[1] !== '+Inf') buckets.push({ upToSeconds: Number(bucket[1]), count: Number(bucket[2]) });
      continue;
    }
    const whole = /^_(sum|count) (\S+)$/.exec(line.slice(name.length));
    if (whole?.[1] === 'sum') sumSeconds = Number(whole[2]);
    if (whole?.[1] === 'count') total = Number(whole[2]);
  }
  const numbers = buckets.flatMap(({ upToSeconds, count }) => [upToSeconds, count]);
  if (total === undefined || sumSeconds === undefined) return undefined;
  return [...numbers, total, sumSeconds].every(Number.isFinite) ? { total, sumSeconds, buckets } : undefined;
}
