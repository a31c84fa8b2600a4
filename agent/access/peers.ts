import type * as v from 'valibot';
import type { UnreachedNode } from '../../core/access/messages.ts';
import { presentNodes } from '../../core/access/register.ts';
import type { NodeRecord, Register } from '../../core/access/register.ts';
import type { DialCredentials } from '../../core/access/dial.ts';
import { Failure } from '../../core/failure.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import { failureFrom, failureToRecord } from '../../core/protocol/failure-record.ts';
import { failureRecord } from '../../core/protocol/messages.ts';
import { requestPeer } from './peer-request.ts';
import type { PeerReply } from './peer-request.ts';

/** In all, whatever is down: what is not there by then is named as silent. */
export const peersWithinMs = 2_500;
const largestReplyBytes = 8 * 1024 * 1024;

export interface PeerRequest {
  readonly method: string;
  readonly path: string;
  readonly body?: Buffer | AsyncIterable<Buffer> | undefined;
}

/** The agents of the other nodes, as this one reaches them: over the network, with its own certificate. */
export class Peers {
  readonly #self: string;
  readonly #register: () => Register;
  readonly #credentials: () => DialCredentials;

  /** `credentials` throws a Failure where the agent has none yet. */
  constructor(options: {
    readonly node: string;
    readonly register: () => Register;
    readonly credentials: () => DialCredentials;
  }) {
    this.#self = options.node;
    this.#register = options.register;
    this.#credentials = options.credentials;
  }

  /** The other nodes of the cluster. */
  others(): NodeRecord[] {
    return presentNodes(this.#register()).filter(({ name }) => name !== this.#self);
  }

  /** @throws {Failure} `unknown-node`; what requestPeer throws. */
  async request(node: string, request: PeerRequest, signal: AbortSignal): Promise<PeerReply> {
    const record = this.others().find(({ name }) => name === node);
    if (record === undefined)
      throw new Failure({
        reason: 'unknown-node',
        what: `this agent knows no other node "${node}"`,
        next: `it knows ${
          this.others()
            .map(({ name }) => name)
            .join(', ') || 'none'
        }`,
        exit: 2,
      });
    const { addresses, port } = record;
    return requestPeer({ target: { node, addresses, port }, credentials: this.#credentials(), ...request, signal });
  }

  /** The same for an answer in JSON, within `peersWithinMs`. @throws {Failure} the other agent's own, too. */
  async ask<Schema extends v.GenericSchema>(
    node: string,
    request: PeerRequest,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<v.InferOutput<Schema>> {
    const timeout = AbortSignal.timeout(peersWithinMs);
    try {
      const { status, bytes } = await this.request(node, request, AbortSignal.any([signal, timeout]));
      const text = await textOf(bytes);
      if (status === 200) return decodeJson(schema, text, { what: "the agent's reply", node });
      throw failureFrom(decodeJson(failureRecord, text, { what: "the agent's error", node }), node);
    } catch (thrown) {
      if (timeout.aborted && !signal.aborted) throw silent(node);
      throw thrown;
    }
  }

  /** The bytes of the answer to a GET. @throws {Failure} the other agent's own, too. */
  async *bytes(node: string, path: string, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    const { status, bytes } = await this.request(node, { method: 'GET', path }, signal);
    if (status !== 200)
      throw failureFrom(decodeJson(failureRecord, await textOf(bytes), { what: "the agent's error", node }), node);
    yield* bytes;
  }

  /** Asks all others at once, or those that are named; whoever does not answer in time is named. */
  async askAll<Schema extends v.GenericSchema>(
    request: { readonly method: string; readonly path: string; readonly body?: Buffer | undefined },
    schema: Schema,
    signal: AbortSignal,
    only?: readonly string[],
  ): Promise<{ answers: { node: string; reply: v.InferOutput<Schema> }[]; unreached: UnreachedNode[] }> {
    const answers: { node: string; reply: v.InferOutput<Schema> }[] = [];
    const unreached: UnreachedNode[] = [];
    await Promise.all(
      this.others().map(async ({ name: node }) => {
        if (only?.includes(node) === false) return;
        try {
          answers.push({ node, reply: await this.ask(node, request, schema, signal) });
        } catch (thrown) {
          signal.throwIfAborted();
          unreached.push({ node, failure: failureToRecord(thrown, node) });
        }
      }),
    );
    const byNode = (one: { readonly node: string }, other: { readonly node: string }) =>
      one.node < other.node ? -1 : 1;
    return { answers: answers.sort(byNode), unreached: unreached.sort(byNode) };
  }
}

function silent(node: string): Failure {
  return new Failure({
    reason: 'agent-silent',
    what: `the agent does not answer within ${peersWithinMs / 1000} s`,
    node,
    next: 'is the node up? kubectl etcd status shows which nodes answer',
  });
}

async function textOf(bytes: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let lengthBytes = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    lengthBytes += chunk.length;
    if (lengthBytes > largestReplyBytes)
      throw new Failure({ reason: 'protocol-mismatch', what: 'the reply has no end' });
  }
  return Buffer.concat(chunks).toString();
}
