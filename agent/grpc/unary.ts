/**
 * Unary calls over @grpc/grpc-js with message definitions carried as data: one client per endpoint, a deadline on every call, and no retry
 * ever. (etcd3, the ready-made client, retries calls that are not idempotent and picks hosts at random; see DESIGN.md.)
 */
import * as grpc from '@grpc/grpc-js';
import type { PackageDefinition } from '@grpc/proto-loader';

export interface GrpcEndpointOptions {
  /** `host:port`, `ipv6:[::1]:2379` or `unix:/path`. */
  readonly target: string;
  readonly credentials: grpc.ChannelCredentials;
  readonly definitions: PackageDefinition;
  /** Where the server's certificate is not valid for the target's address. */
  readonly serverName?: string | undefined;
}

/** What a call that failed says: gRPC's status code and the server's own words. */
export class GrpcError extends Error {
  override readonly name = 'GrpcError';
  readonly code: grpc.status;

  constructor(code: grpc.status, details: string) {
    super(details);
    this.code = code;
  }
}

export class GrpcEndpoint {
  readonly #client: grpc.Client;
  readonly #definitions: PackageDefinition;

  constructor({ target, credentials, definitions, serverName }: GrpcEndpointOptions) {
    this.#definitions = definitions;
    this.#client = new grpc.Client(target, credentials, {
      'grpc.enable_retries': 0,
      'grpc.service_config_disable_resolution': 1,
      // The endpoint is this node or one beside it: a proxy named by the environment is never on that way.
      'grpc.enable_http_proxy': 0,
      // Two connections to one member must not share a subchannel: each call stands on its own connection's fate.
      'grpc.use_local_subchannel_pool': 1,
      ...(serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName }),
    });
  }

  /**
   * Calls once and waits at most `timeoutMs`.
   * @returns the decoded reply, still of unknown shape: decode it with a schema.
   * @throws {GrpcError} with the server's words, or those of the connection.
   */
  async call(service: string, method: string, request: object, timeoutMs: number): Promise<unknown> {
    const definition = this.#method(service, method);
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        definition.path,
        definition.requestSerialize,
        definition.responseDeserialize,
        request,
        new grpc.Metadata(),
        { deadline: Date.now() + timeoutMs },
        (error, reply) => {
          if (error !== null) reject(new GrpcError(error.code, plainWords(error, timeoutMs)));
          else resolve(reply);
        },
      );
    });
  }

  close(): void {
    this.#client.close();
  }

  #method(service: string, method: string) {
    const found = this.#definitions[service];
    if (found === undefined || 'type' in found || found[method] === undefined) {
      throw new Error(`${service} has no method ${method} among the definitions`);
    }
    return found[method];
  }
}

/** gRPC's own phrases around a refused or silent connection, without the phrases. */
function plainWords(error: grpc.ServiceError, timeoutMs: number): string {
  const lastError = /Last error: (?:Error: )?(.*?)(?:\. Resolution note:.*)?$/.exec(error.details)?.[1];
  if (lastError !== undefined && lastError !== 'null') return lastError;
  if (error.code === grpc.status.DEADLINE_EXCEEDED) return `no answer within ${timeoutMs / 1000} s`;
  return error.details;
}
