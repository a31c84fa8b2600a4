import { createHash } from 'node:crypto';
import { Failure } from '../../core/failure.ts';
import { writeBlocks } from '../../core/protocol/block-writer.ts';
import { failureToRecord } from '../../core/protocol/failure-record.ts';
import type { Compression } from '../../core/protocol/block-format.ts';
import type { AgentReport, EtcdProcess, StreamEnd } from '../../core/protocol/messages.ts';
import {
  compressionQuery,
  keysSourceHeader,
  path,
  protocolVersion,
  readLogsQuery,
  snapshotSourceHeader,
} from '../../core/protocol/paths.ts';
import type { LogsQuery } from '../../core/protocol/paths.ts';
import { programVersion } from '../../core/version.ts';
import type { MemberEndpoint } from '../etcd/member-client.ts';
import { openLiveKeys } from '../etcd/live-keys.ts';
import { openSnapshot } from '../etcd/snapshot.ts';
import { surveyMembers } from '../etcd/survey.ts';
import type { EtcdOnHost } from '../host/host.ts';
import type { Routes } from './server.ts';

/** etcd on this node, however it is run. Looked at anew for every request: manifests and certificates change under a running agent. */
export interface NodeEtcd {
  /** @throws {Failure} `etcd-not-found` and the like, saying where it looked. */
  find(): Promise<EtcdOnHost>;
  /** How to talk to it. @throws {Failure} naming the certificate that cannot be used. */
  endpoint(): Promise<MemberEndpoint>;
  process(): Promise<EtcdProcess>;
  logs(query: LogsQuery, signal: AbortSignal): AsyncIterable<Buffer>;
}

/** What an agent has to say of itself. */
export interface OwnState {
  /** Sentences. */
  readonly warnings: () => readonly string[];
  /** Why etcd does not run, where the agent itself has seen to it. */
  readonly keptStopped: () => Failure | undefined;
}

const nothing: OwnState = { warnings: () => [], keptStopped: () => undefined };

/** What an agent answers: the requests of core/protocol/paths.ts. */
export function agentRoutes(etcd: NodeEtcd, node: string, own = nothing): Routes {
  return {
    [path.agent]: async () => ({ json: await report(etcd, node, own) }),

    [path.members]: async () => ({ json: await surveyMembers(await etcd.endpoint(), node) }),

    [path.snapshot]: async ({ query, signal }) => {
      const { source, bytes, end } = await openSnapshot(await etcd.endpoint(), node, signal);
      const compression = compressionOf(query.get(compressionQuery));
      return {
        headers: { [snapshotSourceHeader]: JSON.stringify(source) },
        bytes: writeBlocks(bytes, { compression, end, failure: (thrown) => failureToRecord(thrown, node) }),
      };
    },

    [path.keys]: async ({ signal }) => {
      const { source, records } = await openLiveKeys(await etcd.endpoint(), node, signal);
      const measured = new Measured(records);
      return {
        headers: { [keysSourceHeader]: JSON.stringify(source) },
        bytes: writeBlocks(measured, {
          compression: 'zstd',
          end: () => measured.end(),
          failure: (thrown) => failureToRecord(thrown, node),
        }),
      };
    },

    [path.logs]: async ({ query, signal }) => {
      const log = new Measured(etcd.logs(readLogsQuery(query), signal));
      return Promise.resolve({
        headers: {},
        bytes: writeBlocks(log, {
          compression: 'none',
          end: () => log.end(),
          failure: (thrown) => failureToRecord(thrown, node),
        }),
      });
    },
  };
}

/** What the reader does not ask for by a name that is known here goes out as it is. */
function compressionOf(asked: string | null): Compression {
  return asked === 'zstd' || asked === 'when-slow' ? asked : 'none';
}

/** What was found, or why nothing: an agent without etcd is an answer, not an error. */
async function report(etcd: NodeEtcd, node: string, own: OwnState): Promise<AgentReport> {
  const stopped = own.keptStopped();
  const keptStopped = stopped === undefined ? {} : { keptStopped: failureToRecord(stopped, node) };
  const who = { protocol: protocolVersion, version: programVersion, node, ...keptStopped };
  try {
    const { etcd: found, warnings } = await etcd.find();
    return { ...who, etcd: found, warnings: [...own.warnings(), ...warnings], process: await etcd.process() };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { ...who, noEtcd: failureToRecord(stopped ?? thrown, node), warnings: [...own.warnings()] };
  }
}

/** Bytes on their way, and what the end of their stream says of them. */
class Measured implements AsyncIterable<Buffer> {
  readonly #bytes: AsyncIterable<Buffer>;
  readonly #hash = createHash('sha256');
  #lengthBytes = 0;

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#bytes = bytes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of this.#bytes) {
      this.#lengthBytes += chunk.length;
      this.#hash.update(chunk);
      yield chunk;
    }
  }

  end(): StreamEnd {
    return { lengthBytes: this.#lengthBytes, sha256: this.#hash.copy().digest('hex') };
  }
}
