import * as v from 'valibot';
import { Failure, messageOf } from '../../core/failure.ts';
import { decode } from '../../core/protocol/decode.ts';
import { GrpcEndpoint } from '../grpc/unary.ts';
import {
  containerStatusReply,
  criDefinitions,
  listContainersReply,
  listPodSandboxReply,
  nothing,
  runtimeService,
  verboseInfo,
  versionReply,
} from './cri-messages.ts';
import type { ContainerStatus, PodSandbox, RuntimeContainer } from './cri-messages.ts';

/** A runtime that is well answers within milliseconds; one under a disk that is full may take its time. */
const answerWithinMs = 3_000;

/**
 * The container runtime of this node, over one connection to one socket. Every call has a deadline and is made once.
 * @throws {Failure} `runtime-unavailable` from every method, in the runtime's own words.
 */
export class ContainerRuntime implements Disposable {
  readonly socketPath: string;
  readonly #endpoint: GrpcEndpoint;

  /** `socketPath` as this process finds it. Connects with the first call. */
  constructor(socketPath: string) {
    this.socketPath = socketPath;
    this.#endpoint = new GrpcEndpoint({
      url: `unix:${socketPath}`,
      credentials: {},
      definitions: criDefinitions,
    });
  }

  async version(): Promise<v.InferOutput<typeof versionReply>> {
    return this.#call(versionReply, 'Version', { version: 'v1' });
  }

  /** Containers, also dead ones, that have all these labels; the newest first. */
  async containers(labelSelector: Readonly<Record<string, string>>): Promise<readonly RuntimeContainer[]> {
    const { containers } = await this.#call(listContainersReply, 'ListContainers', { filter: { labelSelector } });
    return newestFirst(containers);
  }

  /** With its process id while it runs. */
  async containerStatus(id: string): Promise<ContainerStatus> {
    const { status, info } = await this.#call(containerStatusReply, 'ContainerStatus', {
      containerId: id,
      verbose: true,
    });
    return { ...status, pid: status.state === 'running' ? readPid(info['info']) : undefined };
  }

  /** Sandboxes, also dead ones, that have all these labels; the newest first. */
  async podSandboxes(labelSelector: Readonly<Record<string, string>>): Promise<readonly PodSandbox[]> {
    const { items } = await this.#call(listPodSandboxReply, 'ListPodSandbox', { filter: { labelSelector } });
    return newestFirst(items);
  }

  /** SIGTERM, and SIGKILL after the grace; content when it has stopped already. Returns when it is dead. */
  async stopContainer(id: string, graceSeconds: number): Promise<void> {
    await this.#call(
      nothing,
      'StopContainer',
      { containerId: id, timeout: graceSeconds },
      graceSeconds * 1000 + 10_000,
    );
  }

  /** Forgets a container that has ended; content when there is none. Its log stays where the kubelet keeps it. */
  async removeContainer(id: string): Promise<void> {
    await this.#call(nothing, 'RemoveContainer', { containerId: id }, 10_000);
  }

  /** Kills what is left in the sandbox; content when it has stopped already. */
  async stopPodSandbox(id: string): Promise<void> {
    await this.#call(nothing, 'StopPodSandbox', { podSandboxId: id }, 30_000);
  }

  [Symbol.dispose](): void {
    this.#endpoint[Symbol.dispose]();
  }

  async #call<Schema extends v.GenericSchema>(
    schema: Schema,
    method: string,
    request: object,
    timeoutMs: number = answerWithinMs,
  ): Promise<v.InferOutput<Schema>> {
    let reply: unknown;
    try {
      reply = await this.#endpoint.call(runtimeService, method, request, timeoutMs);
    } catch (cause) {
      throw new Failure({
        reason: 'runtime-unavailable',
        what: `the container runtime does not answer ${method} on ${this.socketPath}`,
        why: messageOf(cause),
        next: 'on the node: systemctl status containerd kubelet',
        cause,
      });
    }
    return decode(schema, reply, { what: `the container runtime's reply to ${method}` });
  }
}

function readPid(info: string | undefined): number | undefined {
  try {
    const result = v.safeParse(verboseInfo, JSON.parse(info ?? 'null'));
    return result.success ? result.output.pid : undefined;
  } catch {
    // `info` is for people who debug the runtime: no contract says that it is JSON.
    return undefined;
  }
}

function newestFirst<Item extends { readonly createdAt: bigint }>(items: readonly Item[]): readonly Item[] {
  return items.toSorted((one, other) =>
    one.createdAt < other.createdAt ? 1 : one.createdAt > other.createdAt ? -1 : 0,
  );
}
