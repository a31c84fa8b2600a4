import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { issueCertificate, makeAuthority, newKeys } from '../../core/access/certificates.ts';
import type { Credentials } from '../../core/access/certificates.ts';
import { dialAgent } from '../../core/access/dial.ts';
import { accessState, revocationReply as revoked } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import { askAny } from '../../plugin/access/ask-agents.ts';
import { AgentSession } from '../../plugin/link/agent-session.ts';
import { LoneAgent } from '../local/lone-agent.ts';
import type { Person } from '../local/lone-agent.ts';

/** Less than a silent connection may stay, so that waiting for one to end would be seen; enough for a machine with other work. */
const servedWithinMs = 3_000;

/** A real agent's port, and what strangers, people who left, and people who mean harm do to it. */
let agent: LoneAgent;
let anna: Person;
beforeAll(async () => {
  agent = await (await LoneAgent.start()).enrol();
  anna = await agent.person('anna@laptop');
}, 30_000);
afterAll(() => agent[Symbol.asyncDispose]());

/** How long anna waits for an answer on a connection of her own. */
async function served(person: Person = anna): Promise<number> {
  const begunMs = performance.now();
  const target = { node: agent.node, addresses: ['127.0.0.1'], port: agent.port };
  using session = new AgentSession(await dialAgent(target, person, AbortSignal.timeout(5_000)), agent.node);
  await session.get(accessPath.state, accessState, { timeoutMs: 5_000 });
  return performance.now() - begunMs;
}

/** What a client of HTTP/2 begins with: its magic, and empty settings. */
const preface = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  frame({ type: 4, flags: 0, stream: 0, payload: Buffer.alloc(0) }),
]);

/** Everything that the agent says to somebody within two seconds after the handshake. */
async function heard(options: ConnectionOptions): Promise<{ bytes: number; closed: boolean; shook: boolean }> {
  const socket = connectTls({
    host: '127.0.0.1',
    port: agent.port,
    servername: `${agent.node}.agents.kubectl-etcd`,
    ALPNProtocols: ['h2'],
    rejectUnauthorized: false,
    ...options,
  });
  let [bytes, closed, shook] = [0, false, false];
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  socket.on('close', () => (closed = true));
  socket.on('secureConnect', () => {
    shook = true;
    // What a client would begin with: nothing of it is to be answered.
    socket.write(preface);
  });
  const endMs = Date.now() + 2_000;
  while (!closed && Date.now() < endMs) await sleep(20);
  socket.destroy();
  return { bytes, closed, shook };
}

function credentialsOf(authority: Credentials, options: { lifeMs?: number; role?: 'agent' | 'plugin' } = {}) {
  const { key, publicKey } = newKeys();
  const { role = 'plugin', lifeMs } = options;
  const { certificate } = issueCertificate({ authority, publicKey, role, name: 'anna@laptop', lifeMs });
  return { cert: certificate, key };
}

describe('who gets not one byte', () => {
  test('to begin with: anna does', async () => {
    const { bytes, closed } = await heard({ cert: anna.certificate, key: anna.key });
    expect(bytes).toBeGreaterThan(0);
    expect(closed).toBe(false);
  });

  test.each<[string, () => ConnectionOptions]>([
    ['who has no certificate', () => ({})],
    ['who has one of another installation', () => credentialsOf(makeAuthority({ clusterName: 'local' }))],
    ['whose certificate has expired', () => credentialsOf(agent.authority, { lifeMs: -60_000 })],
    ['who says he is the authority', () => ({ cert: agent.authority.certificate, key: agent.authority.key })],
    ['who speaks TLS 1.2', () => ({ cert: anna.certificate, key: anna.key, maxVersion: 'TLSv1.2' })],
    [
      'who wants to speak something else',
      () => ({ cert: anna.certificate, key: anna.key, ALPNProtocols: ['http/1.1'] }),
    ],
    ['who says not what he wants to speak', () => ({ cert: anna.certificate, key: anna.key, ALPNProtocols: [] })],
  ])('%s', async (_, options) => {
    expect(await heard(options())).toMatchObject({ bytes: 0, closed: true });
  });

  test('who was revoked; and what he has open is closed', async () => {
    const ben = await agent.person('ben@laptop');
    await served(ben);
    const target = { node: agent.node, addresses: ['127.0.0.1'], port: agent.port };
    const open = await dialAgent(target, ben, AbortSignal.timeout(5_000));
    const gone = once(open, 'close', { signal: AbortSignal.timeout(2_000) });
    open.resume();
    const send = { method: 'POST', json: { name: 'ben@laptop' } } as const;
    await askAny(agent.reach, { target: accessPath.revocations, schema: revoked, send }, AbortSignal.timeout(5_000));
    await gone;
    expect(await heard({ cert: ben.certificate, key: ben.key })).toMatchObject({ bytes: 0, closed: true });
    await expect(served(ben)).rejects.toMatchObject({ reason: 'access-refused', node: agent.node });
    expect(await served()).toBeLessThan(servedWithinMs);
  });

  test('a session that is taken up again shows no certificate, and is none', async () => {
    const first = await tls({ cert: anna.certificate, key: anna.key });
    const session = first.getSession();
    first.destroy();
    if (session === undefined) return;
    const { bytes } = await heard({ session });
    expect(bytes).toBe(0);
  });

  test('plain HTTP', async () => {
    await expect(fetch(`http://127.0.0.1:${agent.port}/v1/agent`)).rejects.toThrow();
  });
});

test.each([
  ['fast', 3_600_000],
  ['slow', -3_600_000],
])('a certificate that was issued where the clock is an hour %s is good', async (_, offMs) => {
  const { key, publicKey } = newKeys();
  const nowMs = Date.now() + offMs;
  const issued = issueCertificate({ authority: agent.authority, publicKey, role: 'plugin', name: 'x', nowMs });
  expect(await served({ ...anna, certificate: issued.certificate, key })).toBeLessThan(1_000);
});

test.each([
  ['every address of both families', '::', ['::1', '127.0.0.1']],
  ['IPv6 alone', '::1', ['::1']],
])(
  'listening on %s',
  async (_, host, addresses) => {
    await using other = await LoneAgent.start({ KUBECTL_ETCD_LISTEN: host });
    await other.enrol();
    const person = await other.person('anna');
    for (const address of addresses) {
      const target = { node: other.node, addresses: [address], port: other.port };
      (await dialAgent(target, person, AbortSignal.timeout(2_000))).destroy();
    }
    // One that does not answer among the addresses does not matter.
    const target = { node: other.node, addresses: ['192.0.2.1', ...addresses], port: other.port };
    (await dialAgent(target, person, AbortSignal.timeout(2_000))).destroy();
  },
  20_000,
);

test('a port that another process has: said, and taken when it is free', async () => {
  await using other = await LoneAgent.start();
  const server = createServer().listen(other.port, '127.0.0.1');
  await once(server, 'listening');
  await other.enrol();
  const state = () =>
    askAny(other.reach, { target: accessPath.state, schema: accessState }, AbortSignal.timeout(5_000));
  expect(await state()).toMatchObject({ listening: false, problem: { reason: 'port-unavailable', node: 'cp1' } });
  server.close();
  const endMs = Date.now() + 10_000;
  while (!(await state()).listening && Date.now() < endMs) await sleep(100);
  expect(await state()).toMatchObject({ listening: true });
  expect((await state()).problem).toBeUndefined();
}, 20_000);

describe('what goes over the port at all', () => {
  test('not the key of the authority, and no register but from agents', async () => {
    const target = { node: agent.node, addresses: ['127.0.0.1'], port: agent.port };
    using session = new AgentSession(await dialAgent(target, anna, AbortSignal.timeout(5_000)), agent.node);
    const send = { method: 'PUT', json: { nodes: [], certificates: [], revocations: [] } } as const;
    const told = session.get(accessPath.register, accessState, { timeoutMs: 2_000, send });
    await expect(told).rejects.toMatchObject({ reason: 'socket-only' });
    const given = session.get(accessPath.authority, accessState, { timeoutMs: 2_000, send });
    await expect(given).rejects.toMatchObject({ reason: 'socket-only' });
    const asked = session.get(accessPath.authority, accessState, { timeoutMs: 2_000 });
    await expect(asked).rejects.toMatchObject({ reason: 'socket-only' });
    const around = session.get(`/v1/nodes/${agent.node}${accessPath.authority}`, accessState, { timeoutMs: 2_000 });
    await expect(around).rejects.toMatchObject({ reason: 'socket-only' });
    const pass = { method: 'POST', json: { publicKey: newKeys().publicKey } } as const;
    const passed = session.get(accessPath.pass, accessState, { timeoutMs: 2_000, send: pass });
    await expect(passed).rejects.toMatchObject({ reason: 'socket-only' });
    const all = session.get(`/v1/all${accessPath.authority}`, accessState, { timeoutMs: 2_000 });
    await expect(all).rejects.toMatchObject({ reason: 'socket-only' });
  });
});

describe('others are served meanwhile, and memory is bounded', () => {
  const most = 150e6;

  test('200 connections that say nothing', async () => {
    const silent = await Promise.all(Array.from({ length: 200 }, () => open()));
    expect(await served()).toBeLessThan(servedWithinMs);
    const endMs = Date.now() + 8_000;
    while (silent.some((socket) => !socket.closed) && Date.now() < endMs) {
      expect(await served()).toBeLessThan(servedWithinMs);
      await sleep(500);
    }
    expect(silent.every((socket) => socket.closed)).toBe(true);
    expect(agent.peakBytes).toBeLessThan(most);
  }, 20_000);

  test('a handshake that never ends', async () => {
    const sockets = await Promise.all(Array.from({ length: 50 }, () => open()));
    // The head of a ClientHello of 16 KiB, and then a byte now and then.
    for (const socket of sockets) socket.write(Buffer.from('16030140000100', 'hex'));
    const endMs = Date.now() + 8_000;
    while (sockets.some((socket) => !socket.closed) && Date.now() < endMs) {
      for (const socket of sockets) if (!socket.closed) socket.write('x');
      await sleep(200);
    }
    expect(sockets.every((socket) => socket.closed)).toBe(true);
    expect(await served()).toBeLessThan(servedWithinMs);
  }, 20_000);

  test('noise by the megabyte', async () => {
    const socket = await open();
    while (!socket.closed) {
      socket.write(Buffer.alloc(65_536, 'noise'));
      await sleep(1);
    }
    expect(await served()).toBeLessThan(servedWithinMs);
  });

  test('headers without end, from somebody with a certificate', async () => {
    const socket = await tls({ cert: anna.certificate, key: anna.key });
    socket.write(preface);
    socket.write(frame({ type: 1, flags: 0, stream: 1, payload: Buffer.from([0x82]) }));
    // A literal header without indexing, again and again, and never the flag that ends them.
    const header = Buffer.concat([Buffer.from([0x00, 0x01, 0x61, 0x7f, 0x80, 0x1f]), Buffer.alloc(4_000, 'b')]);
    let sent = 0;
    while (!socket.closed && sent < 200 * 1024 ** 2) {
      const room = socket.write(frame({ type: 9, flags: 0, stream: 1, payload: header }));
      sent += header.length;
      if (!room) await movedOn(socket);
      else if (sent % (1024 * 1024) < header.length) await sleep(1);
    }
    expect(socket.closed).toBe(true);
    expect(await served()).toBeLessThan(servedWithinMs);
    expect(agent.peakBytes).toBeLessThan(most);
  }, 20_000);

  test('requests that are opened and reset at once, from somebody with a certificate', async () => {
    const socket = await tls({ cert: anna.certificate, key: anna.key });
    socket.write(preface);
    // GET https /v1/agent, as HPACK's static table and one literal say it.
    const headers = Buffer.concat([Buffer.from([0x82, 0x87, 0x04, 9]), Buffer.from('/v1/agent')]);
    const cancel = Buffer.from([0, 0, 0, 8]);
    let opened = 0;
    while (!socket.closed && opened < 100_000) {
      const stream = 2 * opened + 1;
      const room = socket.write(
        Buffer.concat([
          frame({ type: 1, flags: 5, stream, payload: headers }),
          frame({ type: 3, flags: 0, stream, payload: cancel }),
        ]),
      );
      opened += 1;
      if (!room) await movedOn(socket);
      else if (opened % 100 === 0) await sleep(1);
    }
    expect(opened).toBeLessThan(20_000);
    expect(await served()).toBeLessThan(servedWithinMs);
    expect(agent.peakBytes).toBeLessThan(most);
  }, 20_000);

  test('a request without end, from somebody with a certificate', async () => {
    const session = connectHttp2('https://agent', { createConnection: () => connectTls(secure(anna)) });
    session.on('error', () => undefined);
    const stream = session.request({ ':method': 'POST', ':path': accessPath.certificates });
    stream.on('error', () => undefined);
    let status: number | undefined;
    stream.on('response', (headers) => (status = headers[':status']));
    let sent = 0;
    while (!stream.closed && status === undefined && sent < 100 * 1024 ** 2) {
      sent += 65_536;
      if (!stream.write(Buffer.alloc(65_536, ' '))) await movedOn(stream, 'response');
    }
    session.destroy();
    expect(status).toBe(500);
    expect(sent).toBeLessThan(20 * 1024 ** 2);
    expect(await served()).toBeLessThan(servedWithinMs);
    expect(agent.peakBytes).toBeLessThan(most);
  }, 20_000);

  test('more connections with a certificate than there may be: those that are there go on', async () => {
    const first = await tls({ cert: anna.certificate, key: anna.key });
    const many = await Promise.all(
      Array.from({ length: 200 }, () => tls({ cert: anna.certificate, key: anna.key }).catch(() => undefined)),
    );
    await sleep(500);
    expect(many.filter((socket) => socket?.closed === false).length).toBeLessThan(130);
    expect(first.closed).toBe(false);
    for (const socket of [first, ...many]) socket?.destroy();
    await sleep(200);
    expect(await served()).toBeLessThan(servedWithinMs);
    expect(agent.peakBytes).toBeLessThan(most);
  }, 20_000);
});

test('a certificate of its own that is renewed while it serves, without a restart', async () => {
  await using young = await LoneAgent.start({ KUBECTL_ETCD_CERTIFICATE_LIFE_SECONDS: '3' });
  await young.enrol();
  const person = await young.person('anna@laptop');
  const target = { node: young.node, addresses: ['127.0.0.1'], port: young.port };
  const serials = new Set<string>();
  const endMs = Date.now() + 7_000;
  while (Date.now() < endMs) {
    const socket = await dialAgent(target, person, AbortSignal.timeout(2_000));
    serials.add(socket.getPeerX509Certificate()?.serialNumber ?? '');
    socket.destroy();
    await sleep(100);
  }
  expect(serials.size).toBeGreaterThanOrEqual(3);
}, 20_000);

/** There is room again, or an end to it. */
function movedOn(stream: Duplex, other = 'close'): Promise<unknown> {
  return Promise.race(
    ['drain', 'close', 'error', other].map((event) => new Promise((done) => stream.once(event, done))),
  );
}

function secure(person: Person): ConnectionOptions {
  return {
    host: '127.0.0.1',
    port: agent.port,
    servername: `${agent.node}.agents.kubectl-etcd`,
    ca: [person.authority],
    cert: person.certificate,
    key: person.key,
    ALPNProtocols: ['h2'],
  };
}

async function tls(options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connectTls({ ...secure(anna), ...options });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.resume();
  return socket;
}

async function open(): Promise<Socket> {
  const socket = connect(agent.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.resume();
  return socket;
}

function frame(options: { type: number; flags: number; stream: number; payload: Buffer }): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(options.payload.length, 0, 3);
  head[3] = options.type;
  head[4] = options.flags;
  head.writeUInt32BE(options.stream, 5);
  return Buffer.concat([head, options.payload]);
}
