import { Failure } from '../../core/failure.ts';
import { GrpcError } from '../grpc/session.ts';

/**
 * What a call to this node's own member failed with, as a Failure that says it is etcd that does not answer, not the agent. Anything but a
 * GrpcError is given back as it is.
 */
export function silentMember(thrown: unknown, node: string): unknown {
  if (!(thrown instanceof GrpcError)) return thrown;
  return new Failure({
    reason: 'etcd-silent',
    what: 'etcd does not answer',
    node,
    why: thrown.message,
    next: `kubectl etcd logs ${node}`,
    cause: thrown,
  });
}
