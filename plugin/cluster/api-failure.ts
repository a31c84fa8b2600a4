import { ApiException } from '@kubernetes/client-node';
import * as v from 'valibot';
import { Failure, messageOf, systemCode } from '../../core/failure.ts';
import { etcdDoesNotAnswer, isEtcdsError } from './etcd-behind.ts';

const status = v.object({ message: v.string() });

/** A request takes milliseconds; one that the API server cannot pass on to etcd is ended by itself after 7 s. */
export const requestTimeoutMs = 10_000;

/**
 * What the API server, or the way to it, refused, in a sentence that names the verb and the resource (the API server's own message does) and
 * what to do. @param doing as a clause: `list the control-plane nodes`.
 */
export function apiFailure(thrown: unknown, doing: string, server: string): Failure {
  if (thrown instanceof Failure) return thrown;
  if (!(thrown instanceof ApiException)) {
    const cause = innermost(thrown);
    return new Failure({
      reason: certificateCodes.has(systemCode(cause) ?? '') ? 'api-certificate' : 'api-unreachable',
      what: `the API server ${server} does not answer`,
      why: isTimeout(cause) ? `no answer within ${requestTimeoutMs / 1000} s` : messageOf(cause),
      next: 'kubectl get --raw /readyz; --context, --server and --kubeconfig choose another',
      cause: thrown,
    });
  }
  const why = messageIn(thrown.body) ?? `HTTP ${thrown.code}`;
  if (thrown.code === 401)
    return new Failure({
      reason: 'unauthorized',
      what: `the API server ${server} does not accept your credentials`,
      why,
      next: 'renew what the kubeconfig refers to, or choose another user with --user or --context',
      cause: thrown,
    });
  if (thrown.code === 403)
    return new Failure({
      reason: 'forbidden',
      what: `you may not ${doing}`,
      why,
      next: 'bind yourself to the ClusterRole kubectl-etcd-operator (manifests/rbac.yaml); install needs cluster-admin',
      cause: thrown,
    });
  if (isEtcdsError(why)) return etcdDoesNotAnswer(server, why);
  return new Failure({
    reason: 'api-error',
    what: `the API server cannot ${doing}`,
    why,
    next: 'run it again with -v',
    cause: thrown,
  });
}

/** What the kubeconfig says of credentials cannot be done: nothing was asked of the API server, and it may be in the best of health. */
export function noCredentials(thrown: unknown, server: string): Failure {
  return new Failure({
    reason: 'no-credentials',
    what: `cannot get your credentials for the API server ${server}`,
    why: messageOf(thrown).trim() || 'the command that the kubeconfig names failed without a word',
    next: 'log in again, or mend the user of the kubeconfig; --access FILE goes straight to the agents without it',
    cause: thrown,
  });
}

/** For what cannot be done past the API server: where that is silent, says so. @param what `install`. */
export async function throughApiAlone<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (thrown) {
    if (!isSilence(thrown) && !(thrown instanceof Failure && thrown.reason === 'no-kubeconfig')) throw thrown;
    const { reason, why, node, exit, next } = thrown;
    throw new Failure({
      ...{ reason, what: thrown.what, why, node, exit, cause: thrown },
      next: [next, `${what} needs the API server; status, logs, snapshot save and access go around it`]
        .filter(Boolean)
        .join('\n'),
    });
  }
}

/** Nobody there, or nobody there who could answer. What the API server refuses, or a certificate that is not right, is an answer. */
export function isSilence(thrown: unknown): thrown is Failure {
  if (!(thrown instanceof Failure)) return false;
  if (thrown.reason === 'api-unreachable' || thrown.reason === 'etcd-behind-api-silent') return true;
  return thrown.reason === 'api-error' && thrown.cause instanceof ApiException && thrown.cause.code >= 500;
}

export function isNotFound(thrown: unknown): boolean {
  return thrown instanceof ApiException && thrown.code === 404;
}

const certificateCodes = new Set([
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** fetch wraps the connection's error; the innermost says ECONNREFUSED and where. */
function innermost(thrown: unknown): unknown {
  let inner = thrown;
  for (let depth = 0; depth < 8 && inner instanceof Error && inner.cause !== undefined; depth += 1) inner = inner.cause;
  return inner;
}

function isTimeout(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'name' in cause && cause.name === 'TimeoutError';
}

function messageIn(body: unknown): string | undefined {
  if (typeof body !== 'string') return v.is(status, body) ? body.message : undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return v.is(status, parsed) ? parsed.message : undefined;
  } catch {
    return body.trim() === '' ? undefined : body.slice(0, 300);
  }
}
