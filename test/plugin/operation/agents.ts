/**
 * The agent's side of operations as it is, in this process: its store, its runner and its routes over HTTP/2 on a unix socket, without an etcd.
 * `stop` and `start` are an agent that dies and one that comes after it; what is on its disk stays.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { join } from 'node:path';
import { readConfiguration } from '../../../agent/configuration.ts';
import { Operations } from '../../../agent/operation/operations.ts';
import { operationRoutes } from '../../../agent/operation/routes.ts';
import { OperationStore } from '../../../agent/operation/store.ts';
import type { Fences } from '../../../agent/access/fences.ts';
import type { NodeEtcd } from '../../../agent/serve/routes.ts';
import { agentServer, listenOnSocket } from '../../../agent/serve/server.ts';
import { Failure } from '../../../core/failure.ts';
import { operationPath } from '../../../core/operation/paths.ts';
import type { Plan } from '../../../core/operation/plan.ts';
import type { Surroundings } from '../../../plugin/commands/surroundings.ts';
import { reachByAccessFile } from '../../../plugin/link/access-file.ts';
import type { Reach } from '../../../plugin/link/reach.ts';
import { openScreen } from '../report/screen.ts';

const noEtcd = () => Promise.reject(new Failure({ reason: 'etcd-not-found', what: 'there is no etcd on this node' }));
const etcd: NodeEtcd = {
  find: noEtcd,
  endpoint: noEtcd,
  process: noEtcd,
  logs: () => {
    throw new Error('no etcd');
  },
};

const noFences: Fences = {
  isEnrolled: () => false,
  all: () => [],
  own: () => [],
  put: () => Promise.reject(new Error('nobody is fenced here')),
  onChange: () => undefined,
};

const recordCluster = () => Promise.reject(new Error('there is no register here'));

export class Agents implements AsyncDisposable {
  readonly folder = mkdtempSync('/tmp/keo-');
  readonly nodes: readonly string[];
  readonly #running = new Map<string, { server: Http2Server; sessions: Set<ServerHttp2Session> }>();
  /** What a `receive` step from another node waits for; at once where it is not said. */
  readonly gates = new Map<string, Promise<Buffer>>();
  /** What a node waits for before it says that it has taken an operation up. */
  readonly answers = new Map<string, Promise<unknown>>();
  /** Requests for a file of another node, as `n2 one.db`. */
  readonly fetched: string[] = [];
  readonly screen = openScreen();

  private constructor(nodes: readonly string[]) {
    this.nodes = nodes;
  }

  static async start(...nodes: string[]): Promise<Agents> {
    const agents = new Agents(nodes);
    for (const node of nodes) await agents.startOne(node);
    const described = {
      formatVersion: 1,
      cluster: { name: 'demo' },
      nodes: nodes.map((name) => ({ name, socket: `${name}.sock` })),
    };
    writeFileSync(join(agents.folder, 'access.json'), JSON.stringify(described), { mode: 0o600 });
    return agents;
  }

  async startOne(node: string): Promise<void> {
    mkdirSync(join(this.folder, node), { recursive: true });
    const configuration = readConfiguration({
      NODE_NAME: node,
      KUBECTL_ETCD_STATE: join(this.folder, node),
      KUBECTL_ETCD_SOCKET: join(this.folder, `${node}.sock`),
    });
    const fromPeer = (from: string, path: string) => this.#fetch(node, from, path);
    const routes = operationRoutes(
      new Operations({ configuration, etcd, fromPeer, fences: noFences, recordCluster, say: () => undefined }),
    );
    const takeUp = `POST ${operationPath.operations}`;
    const { [takeUp]: taken } = routes;
    if (taken === undefined) throw new Error('an agent that takes up nothing');
    const late: typeof taken = async (asked) => {
      const reply = await taken(asked);
      await this.answers.get(node);
      return reply;
    };
    const server = agentServer({ ...routes, [takeUp]: late }, node);
    const sessions = new Set<ServerHttp2Session>();
    server.on('session', (session) => sessions.add(session));
    await listenOnSocket(server, join(this.folder, `${node}.sock`), node);
    this.#running.set(node, { server, sessions });
  }

  /** Cuts every connection; a step that runs is forgotten with the agent, as its gate may never open. */
  async stopOne(node: string): Promise<void> {
    const running = this.#running.get(node);
    if (running === undefined) return;
    this.#running.delete(node);
    const closed = new Promise((resolve) => running.server.close(resolve));
    for (const session of running.sessions) session.destroy();
    await closed;
    rmSync(join(this.folder, `${node}.sock`), { force: true });
  }

  async reach(): Promise<Reach> {
    return reachByAccessFile(join(this.folder, 'access.json'), AbortSignal.timeout(10_000));
  }

  surroundings(signal = new AbortController().signal): Surroundings {
    const { terminal } = this.screen;
    return { terminal, environment: {}, signal, run: () => Promise.reject(new Error('commands are not run here')) };
  }

  store(node: string): OperationStore {
    return new OperationStore({ stateDirectory: join(this.folder, node), node });
  }

  /** `begun one, done one, closed done`; undefined where the operation is not known. */
  async journal(node: string, { id }: Plan): Promise<string | undefined> {
    const kept = await this.store(node)
      .read(id)
      .catch(() => undefined);
    return kept?.journal
      .map((record) => (record.event === 'closed' ? `closed ${record.outcome}` : `${record.event} ${record.step}`))
      .join(', ');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) await this.stopOne(node);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async *#fetch(node: string, _from: string, path: string): AsyncGenerator<Buffer, void, undefined> {
    const file = path.split('/').at(-1) ?? '';
    this.fetched.push(`${node} ${file}`);
    yield (await this.gates.get(`${node} ${file}`)) ?? Buffer.alloc(0);
  }
}
