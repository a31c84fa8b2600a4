/**
 * The few RPCs of the container runtime interface (CRI runtime.v1: containerd from 1.6, CRI-O from 1.20, cri-dockerd) that the agent calls,
 * with the field numbers of Kubernetes' cri-api, pkg/apis/runtime/v1/api.proto. Carried as data because a bundle has no .proto files beside it.
 */
import { fromJSON } from '@grpc/proto-loader';
import * as v from 'valibot';

const text = (id: number) => ({ type: 'string', id });
const i64 = (id: number) => ({ type: 'int64', id });
const flag = (id: number) => ({ type: 'bool', id });
const message = (type: string, id: number) => ({ type, id });
const messages = (type: string, id: number) => ({ rule: 'repeated' as const, type, id });
const textMap = (id: number) => ({ keyType: 'string', type: 'string', id });
const method = (name: string) => ({ requestType: `${name}Request`, responseType: `${name}Response`, comment: '' });

export const runtimeService = 'runtime.v1.RuntimeService';

export const criDefinitions = fromJSON(
  {
    nested: {
      runtime: {
        nested: {
          v1: {
            nested: {
              ContainerState: {
                values: { CONTAINER_CREATED: 0, CONTAINER_RUNNING: 1, CONTAINER_EXITED: 2, CONTAINER_UNKNOWN: 3 },
              },
              PodSandboxState: { values: { SANDBOX_READY: 0, SANDBOX_NOTREADY: 1 } },
              VersionRequest: { fields: { version: text(1) } },
              VersionResponse: {
                fields: { runtimeName: text(2), runtimeVersion: text(3), runtimeApiVersion: text(4) },
              },
              ContainerMetadata: { fields: { name: text(1), attempt: { type: 'uint32', id: 2 } } },
              ContainerFilter: { fields: { id: text(1), podSandboxId: text(3), labelSelector: textMap(4) } },
              ListContainersRequest: { fields: { filter: message('ContainerFilter', 1) } },
              Container: {
                fields: {
                  id: text(1),
                  podSandboxId: text(2),
                  metadata: message('ContainerMetadata', 3),
                  state: message('ContainerState', 6),
                  createdAt: i64(7),
                  labels: textMap(8),
                  annotations: textMap(9),
                },
              },
              ListContainersResponse: { fields: { containers: messages('Container', 1) } },
              ContainerStatusRequest: { fields: { containerId: text(1), verbose: flag(2) } },
              ContainerStatus: {
                fields: {
                  id: text(1),
                  state: message('ContainerState', 3),
                  startedAt: i64(5),
                  finishedAt: i64(6),
                  exitCode: { type: 'int32', id: 7 },
                  reason: text(10),
                  message: text(11),
                  logPath: text(15),
                },
              },
              ContainerStatusResponse: { fields: { status: message('ContainerStatus', 1), info: textMap(2) } },
              PodSandboxMetadata: {
                fields: { name: text(1), uid: text(2), namespace: text(3), attempt: { type: 'uint32', id: 4 } },
              },
              PodSandboxFilter: { fields: { id: text(1), labelSelector: textMap(3) } },
              ListPodSandboxRequest: { fields: { filter: message('PodSandboxFilter', 1) } },
              PodSandbox: {
                fields: {
                  id: text(1),
                  metadata: message('PodSandboxMetadata', 2),
                  state: message('PodSandboxState', 3),
                  createdAt: i64(4),
                  labels: textMap(5),
                },
              },
              ListPodSandboxResponse: { fields: { items: messages('PodSandbox', 1) } },
              StopContainerRequest: { fields: { containerId: text(1), timeout: i64(2) } },
              StopContainerResponse: { fields: {} },
              RemoveContainerRequest: { fields: { containerId: text(1) } },
              RemoveContainerResponse: { fields: {} },
              StopPodSandboxRequest: { fields: { podSandboxId: text(1) } },
              StopPodSandboxResponse: { fields: {} },
              RuntimeService: {
                methods: {
                  Version: method('Version'),
                  ListContainers: method('ListContainers'),
                  ContainerStatus: method('ContainerStatus'),
                  ListPodSandbox: method('ListPodSandbox'),
                  StopContainer: method('StopContainer'),
                  RemoveContainer: method('RemoveContainer'),
                  StopPodSandbox: method('StopPodSandbox'),
                },
              },
            },
          },
        },
      },
    },
  },
  { longs: String, enums: String, defaults: true, arrays: true, objects: true },
);

const labels = v.record(v.string(), v.string());
/** Nanoseconds since 1970 as decimal text; zero where it has not come to that. */
const nanoseconds = v.pipe(
  v.string(),
  v.digits(),
  v.transform((decimal) => BigInt(decimal)),
);
const containerState = v.pipe(
  v.picklist(['CONTAINER_CREATED', 'CONTAINER_RUNNING', 'CONTAINER_EXITED', 'CONTAINER_UNKNOWN']),
  v.transform((name) => stateWords[name]),
);
const stateWords = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
  CONTAINER_UNKNOWN: 'unknown',
} as const;

export const versionReply = v.object({
  runtimeName: v.string(),
  runtimeVersion: v.string(),
  runtimeApiVersion: v.string(),
});

export const listContainersReply = v.object({
  containers: v.array(
    v.object({
      id: v.string(),
      podSandboxId: v.string(),
      metadata: v.object({ name: v.string(), attempt: v.number() }),
      state: containerState,
      createdAt: nanoseconds,
      labels,
      annotations: labels,
    }),
  ),
});
export type RuntimeContainer = v.InferOutput<typeof listContainersReply>['containers'][number];

export const containerStatusReply = v.object({
  status: v.object({
    id: v.string(),
    state: containerState,
    startedAt: nanoseconds,
    finishedAt: nanoseconds,
    exitCode: v.number(),
    reason: v.string(),
    message: v.string(),
    logPath: v.string(),
  }),
  info: labels,
});
export type ContainerStatus = v.InferOutput<typeof containerStatusReply>['status'] & {
  readonly pid: number | undefined;
};

export const listPodSandboxReply = v.object({
  items: v.array(
    v.object({
      id: v.string(),
      metadata: v.object({ name: v.string(), uid: v.string(), namespace: v.string(), attempt: v.number() }),
      state: v.pipe(
        v.picklist(['SANDBOX_READY', 'SANDBOX_NOTREADY']),
        v.transform((name) => name === 'SANDBOX_READY'),
      ),
      createdAt: nanoseconds,
      labels,
    }),
  ),
});
export type PodSandbox = v.InferOutput<typeof listPodSandboxReply>['items'][number];

/** containerd and CRI-O both put the process id into the verbose `info`, as JSON text. */
export const verboseInfo = v.object({ pid: v.pipe(v.number(), v.integer(), v.minValue(1)) });

export const nothing = v.object({});
