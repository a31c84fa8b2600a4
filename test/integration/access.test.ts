import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { issueCertificate, makeAuthority, newKeys } from '../../core/access/certificates.ts';
import { accessState, fanOutReply } from '../../core/access/messages.ts';
import { accessPath, allPrefix, passedOn } from '../../core/access/paths.ts';
import { readBlocks } from '../../core/protocol/block-reader.ts';
import { agentReport } from '../../core/protocol/messages.ts';
import { path } from '../../core/protocol/paths.ts';
import { askAgent } from '../../plugin/access/ask-agents.ts';
import { enrol } from '../../plugin/access/enrol.ts';
import { issueAccess, writeAccessFile } from '../../plugin/access/issue-access.ts';
import { reachByAccessFile } from '../../plugin/link/access-file.ts';
import type { NetworkAccess } from '../../plugin/link/access-file.ts';
import { nodeNamed, openSession } from '../../plugin/link/reach.ts';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { startLocalCluster } from '../local/local-cluster.ts';
import type { LocalCluster } from '../local/local-cluster.ts';
import { LoneAgent } from '../local/lone-agent.ts';
import { runPlugin } from '../local/run-plugin.ts';

/** On two cores that others use too: there to tell what waits for a node that is down, once too often; the figures are for the bench. */
const slackMs = 2_500;

/** Three real members and their agents, reached over mutual TLS by the real plugin. */
let work: string;
let home: string;
let cluster: LocalCluster;
const signal = () => AbortSignal.timeout(15_000);
const plugin = (argv: readonly string[], environment: NodeJS.ProcessEnv = cluster.environment) =>
  runPlugin(argv, { environment: { ...environment, HOME: home }, cwd: work });

beforeAll(async () => {
  work = mkdtempSync('/tmp/kea-');
  home = join(work, 'home');
  mkdirSync(home);
  const etcdDirectory = dirname((await etcdBinaries('3.5')).binaries[0] ?? '');
  cluster = await startLocalCluster({ directory: join(work, 'c'), etcdDirectory, tls: true });
}, 60_000);
afterAll(async () => {
  await cluster.stop();
  rmSync(work, { recursive: true, force: true });
});

describe('straight to the nodes', () => {
  test('status and a snapshot, as ever', async () => {
    const status = await plugin(['status']);
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(status.stdout.split('\n')[0]).toBe('CLUSTER local   MEMBERS 3 of 3 healthy   QUORUM 2, may lose 1');
    const { access } = JSON.parse((await plugin(['status', '-o', 'json'])).stdout) as { access: unknown };
    expect(access).toMatchObject({ file: { holder: 'tester@local', path: cluster.accessFile }, notEnrolled: [] });
    expect((await plugin(['snapshot', 'save', 's.db'])).code).toBe(0);
    expect((await plugin(['snapshot', 'verify', 's.db'])).code).toBe(0);
    expect((await plugin(['logs', 'n2', '--tail', '1'])).stdout).not.toBe('');
  }, 20_000);

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'an agent that is gone (%s): named within 3.5 s, the others shown',
    async (how) => {
      const { agent } = cluster.member('n1');
      agent.kill(how);
      try {
        const status = await plugin(['status', '-o', 'json']);
        expect(status.code).toBe(0);
        const { problems } = JSON.parse(status.stdout) as { problems: { node: string | null }[] };
        expect(problems.map(({ node }) => node)).toEqual(['n1']);
        expect(status.tookMs).toBeLessThan(3_500 + slackMs);
        const show = await plugin(['access', 'show', cluster.accessFile, '-o', 'json']);
        expect(show.code).toBe(3);
        expect(show.tookMs).toBeLessThan(5_000 + slackMs);
        const { agents } = JSON.parse(show.stdout) as { agents: { node: string; answers: boolean }[] };
        expect(agents.map(({ answers }) => answers)).toEqual([false, true, true]);
      } finally {
        if (how === 'SIGSTOP') agent.kill('SIGCONT');
        else await cluster.restartAgent('n1');
      }
    },
    30_000,
  );
});

test('a node that swallows every packet costs status at most 3.5 s', async () => {
  const access = JSON.parse(readFileSync(cluster.accessFile, 'utf8')) as NetworkAccess;
  const file = join(work, 'unplugged.json');
  // Beside another suite everything takes longer, also what waits for nobody.
  const { tookMs: usualMs } = await plugin(['status']);
  await cluster.killAgent('n1');
  await cluster.killEtcd('n1');
  // Connections that the kernel takes and nobody ever serves: what the other agents say of n1 is where this one is.
  const taken: Socket[] = [];
  const swallowing = createServer({ pauseOnConnect: true }, (socket) => taken.push(socket));
  swallowing.listen(cluster.member('n1').agentPort, '127.0.0.1');
  await once(swallowing, 'listening');
  try {
    await writeAccessFile(file, access, 'always');
    // Where n1 was the leader, they first have to choose another: until then they are without quorum.
    await cluster.untilHealthy('n2', 'n3');
    const status = await plugin(['status', '--access', file]);
    expect(status.stdout).toContain('MEMBERS 2 of 3 healthy');
    expect(status.code).toBe(3);
    expect(status.tookMs).toBeLessThan(3_500 + Math.max(slackMs, 5 * usualMs));
  } finally {
    swallowing.close();
    for (const socket of taken) socket.destroy();
    await cluster.restartAgent('n1');
    await cluster.restartEtcd('n1');
  }
}, 60_000);

describe('access files', () => {
  test('saved 0600 for a person, shown, listed, revoked on all nodes: from then on of no use', async () => {
    const file = join(work, 'anna.json');
    const saved = await plugin(['access', 'save', file, '--name', 'anna@laptop', '--life', '90d']);
    expect(saved).toMatchObject({
      code: 0,
      stdout: `anna.json: local, 3 nodes, for anna@laptop, until ${inDays(90)}\n`,
    });
    expect(saved.stderr).toContain('root on the control plane');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await plugin(['access', 'save', file])).code).toBe(5);
    const show = await plugin(['access', 'show', file]);
    expect(show.code).toBe(0);
    expect(show.stdout).not.toContain('PRIVATE');
    expect((await plugin(['status', '--access', file])).code).toBe(0);

    const revoked = await plugin(['access', 'revoke', 'anna@laptop']);
    expect(revoked).toMatchObject({ code: 0, stderr: '' });
    expect(revoked.stdout).toMatch(/^revoked anna@laptop \([0-9a-f]{8}\) on n1, n2, n3\n$/);
    const after = await plugin(['status', '--access', file, '-v']);
    expect(after.code).toBe(1);
    expect(after.stderr).toContain('access-refused');
    const { certificates } = JSON.parse((await plugin(['access', 'list', '-o', 'json'])).stdout) as List;
    expect(certificates.find(({ name }) => name === 'anna@laptop')).toMatchObject({
      status: 'revoked',
      issuedBy: 'tester@local',
      revokedBy: 'tester@local',
    });
    expect((await plugin(['access', 'revoke', 'nobody'])).code).toBe(2);
  }, 30_000);

  test('a node that is down when one is revoked is named, exit code 3; it knows when it is back', async () => {
    const file = join(work, 'ben.json');
    await plugin(['access', 'save', file, '--name', 'ben@laptop']);
    await cluster.killAgent('n3');
    const revoked = await plugin(['access', 'revoke', 'ben@laptop']);
    expect(revoked.code).toBe(3);
    expect(revoked.stdout).toMatch(/ on n1, n2\n$/);
    expect(revoked.stderr).toContain('n3 does not know it yet');
    expect(revoked.tookMs).toBeLessThan(3_500 + slackMs);
    await cluster.restartAgent('n3');
    await until(async () => (await register('n3')).revocations.length >= 2);
    expect((await plugin(['access', 'revoke', 'ben@laptop'])).code).toBe(0);
  }, 30_000);

  test('one that was only out of reach hears of it from the others, too, without being started again', async () => {
    await plugin(['access', 'save', join(work, 'eve.json'), '--name', 'eve']);
    const { agent } = cluster.member('n3');
    agent.kill('SIGSTOP');
    try {
      expect((await plugin(['access', 'revoke', 'eve'])).code).toBe(3);
    } finally {
      agent.kill('SIGCONT');
    }
    const known = async () => (await register('n3')).certificates.find(({ name }) => name === 'eve')?.serial;
    const revoked = async () => (await register('n3')).revocations.map(({ serial }) => serial);
    await until(async () => (await revoked()).includes((await known()) ?? 'none'), 25_000);
  }, 45_000);

  test('who was issued at the request of one who is revoked is named', async () => {
    const file = join(work, 'carl.json');
    await plugin(['access', 'save', file, '--name', 'carl']);
    await plugin(['access', 'save', join(work, 'dora.json'), '--name', 'dora', '--access', file]);
    const revoked = await plugin(['access', 'revoke', 'carl']);
    expect(revoked.code).toBe(0);
    expect(revoked.stderr).toContain('kubectl etcd access revoke dora');
  }, 20_000);

  test.each<[string, string, (good: NetworkAccess) => { text: string; mode?: number }]>([
    ['world-readable', 'access-file-exposed', (good) => ({ text: JSON.stringify(good), mode: 0o644 })],
    ['group-readable', 'access-file-exposed', (good) => ({ text: JSON.stringify(good), mode: 0o640 })],
    ['truncated', 'access-file-unreadable', (good) => ({ text: JSON.stringify(good).slice(0, 900) })],
    ['empty', 'access-file-unreadable', () => ({ text: '' })],
    ['not JSON', 'access-file-unreadable', () => ({ text: 'apiVersion: v1\n' })],
    [
      'without its authority',
      'access-file-unreadable',
      (good) => ({ text: JSON.stringify({ ...good, authority: undefined }) }),
    ],
    ['of a later format', 'access-file-version', (good) => ({ text: JSON.stringify({ ...good, formatVersion: 2 }) })],
    ['expired', 'access-file-expired', (good) => ({ text: JSON.stringify({ ...good, ...expired }) })],
    ['of another installation', 'agent-untrusted', (good) => ({ text: JSON.stringify({ ...good, ...foreign }) })],
  ])('%s: refused as %s, with what to do', async (_, reason, make) => {
    const file = join(work, 'bad.json');
    const { text, mode = 0o600 } = make(JSON.parse(readFileSync(cluster.accessFile, 'utf8')) as NetworkAccess);
    writeFileSync(file, text, { mode: 0o600 });
    chmodSync(file, mode);
    const ran = await plugin(['status', '--access', file, '-v']);
    expect(ran).toMatchObject({ code: reason.startsWith('access-file') ? 2 : 1, stdout: '' });
    expect(ran.stderr).toContain(`reason  ${reason}`);
    expect(ran.stderr).toMatch(/ next {4}\S/);
    expect(ran.stderr).not.toContain('PRIVATE KEY');
  });
});

describe('agents among themselves', () => {
  test('a request passed on to another node, and a snapshot whole', async () => {
    const reach = await reachByAccessFile(cluster.accessFile, signal());
    const n1 = nodeNamed(reach, 'n1');
    const report = await askAgent(reach, n1, { target: passedOn('n3', path.agent), schema: agentReport }, signal());
    expect(report.node).toBe('n3');
    using session = await openSession(reach, n1, signal());
    const { bytes } = await session.stream(passedOn('n2', path.snapshot), signal());
    let length = 0;
    for await (const chunk of readBlocks(bytes, { what: 'snapshot', node: 'n2' })) length += chunk.length;
    expect(length % 512).toBe(32);
    const unknown = askAgent(reach, n1, { target: passedOn('n9', path.agent), schema: agentReport }, signal());
    await expect(unknown).rejects.toMatchObject({ reason: 'unknown-node' });
  });

  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'one is asked for all; who is gone (%s) is named within 3 s',
    async (how) => {
      const { agent } = cluster.member('n2');
      agent.kill(how);
      try {
        const reach = await reachByAccessFile(cluster.accessFile, signal());
        const begunMs = performance.now();
        const all = await askAgent(
          reach,
          nodeNamed(reach, 'n1'),
          { target: `${allPrefix}${path.agent.slice(1)}`, schema: fanOutReply },
          signal(),
        );
        expect(performance.now() - begunMs).toBeLessThan(3_000 + slackMs);
        expect(all.answers.map(({ node }) => node)).toEqual(['n1', 'n3']);
        expect(all.unreached.map(({ node }) => node)).toEqual(['n2']);
      } finally {
        if (how === 'SIGSTOP') agent.kill('SIGCONT');
        else await cluster.restartAgent('n2');
      }
    },
    20_000,
  );

  test('a node that has moved is found where it is now, by an access file that does not know, and learns it', async () => {
    const elsewhere = await freePort();
    await cluster.killAgent('n2');
    await cluster.restartAgent('n2', { KUBECTL_ETCD_PORT: String(elsewhere), KUBECTL_ETCD_LISTEN: '127.0.0.2' });
    await until(async () => (await register('n1')).nodes.some(({ port }) => port === elsewhere));
    const file = join(work, 'old.json');
    const old = JSON.parse(readFileSync(cluster.accessFile, 'utf8')) as NetworkAccess;
    await writeAccessFile(file, old, 'always');
    expect(await plugin(['access', 'show', file])).toMatchObject({ code: 0 });
    const learnt = JSON.parse(readFileSync(file, 'utf8')) as NetworkAccess;
    expect(learnt.nodes[1]).toEqual({ name: 'n2', addresses: ['127.0.0.2', '127.0.0.1'], port: elsewhere });
    expect({ ...learnt, nodes: [] }).toEqual({ ...old, nodes: [] });
    await cluster.killAgent('n2');
    await cluster.restartAgent('n2');
    await until(async () => (await register('n1')).nodes.every(({ port }) => port !== elsewhere));
  }, 20_000);
});

describe('enrolling', () => {
  test('again: nothing changes', async () => {
    const reach = await reachByAccessFile(cluster.socketAccessFile, signal());
    const before = await register('n1');
    const { added, failures } = await enrol({ reach, clusterName: 'local', apiServer: undefined, signal: signal() });
    expect(added).toEqual([]);
    expect([...failures]).toEqual([]);
    expect(await register('n1')).toEqual(before);
  });

  test('a node that comes later gets the same authority; one that is silent is named, and the others enrolled', async () => {
    await using first = await LoneAgent.start({}, 'cp1');
    await first.enrol();
    await using later = await LoneAgent.start({}, 'cp2');
    const reach = both(first, later);
    const enrolled = await enrol({ reach, clusterName: 'local', apiServer: undefined, signal: signal() });
    expect(enrolled.added).toEqual(['cp2']);
    expect(enrolled.register.nodes.map(({ name }) => name)).toEqual(['cp1', 'cp2']);
    const { access } = await issueAccess({
      reach,
      holder: 'x',
      lifeSeconds: 60,
      apiServer: undefined,
      signal: signal(),
    });
    await writeAccessFile(join(work, 'both.json'), access, 'always');
    expect((await plugin(['access', 'show', join(work, 'both.json')])).code).toBe(0);
    first.process.kill('SIGKILL');
    await once(first.process, 'exit');
    const again = await enrol({ reach, clusterName: 'local', apiServer: undefined, signal: signal() });
    expect([...again.failures.keys()]).toEqual(['cp1']);
  }, 20_000);

  test('agents of two installations: refused, and neither takes the authority of the other', async () => {
    await using one = await (await LoneAgent.start({}, 'cp1')).enrol();
    await using other = await (await LoneAgent.start({}, 'cp2')).enrol();
    const asked = enrol({ reach: both(one, other), clusterName: 'x', apiServer: undefined, signal: signal() });
    await expect(asked).rejects.toMatchObject({ reason: 'two-authorities', exit: 5 });
    const send = {
      method: 'PUT',
      json: { ...one.authority, register: { nodes: [], certificates: [], revocations: [] } },
    };
    const target = { target: accessPath.authority, schema: accessState, send: { ...send, method: 'PUT' as const } };
    const forced = askAgent(other.reach, nodeNamed(other.reach, 'cp2'), target, signal());
    await expect(forced).rejects.toMatchObject({ reason: 'other-authority', exit: 5 });
  }, 20_000);

  test('an agent that is started again is what it was; one whose register is damaged opens no port, and says so', async () => {
    const state = join(cluster.member('n2').directory, 'state/access');
    const before = readFileSync(join(state, 'register.json'), 'utf8');
    cpSync(state, join(work, 'kept'), { recursive: true });
    await cluster.killAgent('n2');
    writeFileSync(join(state, 'register.json'), before.slice(0, 100));
    await cluster.restartAgent('n2');
    const show = await plugin(['access', 'show', cluster.accessFile, '-o', 'json']);
    expect(show.code).toBe(3);
    const reach = await reachByAccessFile(cluster.socketAccessFile, signal());
    const n2 = nodeNamed(reach, 'n2');
    const seen = await askAgent(reach, n2, { target: accessPath.state, schema: accessState }, signal());
    expect(seen).toMatchObject({ listening: false, problem: { reason: 'access-state-unreadable', node: 'n2' } });
    const { failures } = await enrol({ reach, clusterName: 'local', apiServer: undefined, signal: signal() });
    expect([...failures]).toEqual([]);
    expect((await plugin(['access', 'show', cluster.accessFile])).code).toBe(0);
    expect((await register('n2')).revocations).toEqual((await register('n1')).revocations);
  }, 20_000);
});

const expired = lone({ lifeMs: -60_000 });
const foreign = lone({});

/** Certificate, key and authority of an installation that these agents know nothing of. */
function lone(options: { lifeMs?: number }) {
  const authority = makeAuthority({ clusterName: 'other' });
  const { key, publicKey } = newKeys();
  const { certificate } = issueCertificate({ authority, publicKey, role: 'plugin', name: 'x', ...options });
  return { authority: authority.certificate, certificate, key };
}

function both(one: LoneAgent, other: LoneAgent) {
  const of = new Map([one, other].map((agent) => [agent.node, agent]));
  return {
    cluster: { name: 'local', uid: undefined },
    nodes: [one, other].flatMap(({ reach }) => reach.nodes),
    open: async (node: (typeof one.reach.nodes)[number], stop: AbortSignal) => {
      const agent = of.get(node.name);
      if (agent === undefined) throw new Error(`no agent ${node.name}`);
      return agent.reach.open(node, stop);
    },
  };
}

async function register(node: string) {
  const reach = await reachByAccessFile(cluster.socketAccessFile, signal());
  const state = await askAgent(
    reach,
    nodeNamed(reach, node),
    { target: accessPath.state, schema: accessState },
    signal(),
  );
  return state.register;
}

async function until(isSo: () => Promise<boolean>, withinMs = 10_000): Promise<void> {
  const endMs = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > endMs) throw new Error('it did not come about');
    await sleep(100);
  }
}

async function freePort(): Promise<number> {
  await using server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

interface List {
  readonly certificates: readonly { readonly name: string; readonly status: string }[];
}
