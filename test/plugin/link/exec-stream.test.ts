import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { openExecStream } from '../../../plugin/link/exec-stream.ts';

/**
 * The far side is a real WebSocket server that speaks Kubernetes' channel protocol as the API server does: the same subprotocols, the channel
 * byte before every message, a Status object on channel 3. The lab's end-to-end tests run the same code against real API servers.
 */
interface FarSide {
  readonly url: string;
  readonly accepted: Promise<WebSocket>;
}

const servers: Server[] = [];
const accepting: WebSocketServer[] = [];
afterEach(() => {
  // A connection that was upgraded is no longer the HTTP server's to close.
  for (const { clients } of accepting.splice(0)) clients.forEach((peer) => peer.terminate());
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function farSide(
  options: { protocols?: readonly string[]; refuse?: { code: number; body: string } } = {},
): Promise<FarSide> {
  const server = createServer();
  servers.push(server);
  const accept = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (options.protocols ?? ['v4.channel.k8s.io']).find((one) => offered.has(one)) ?? false,
  });
  accepting.push(accept);
  const accepted = new Promise<WebSocket>((resolve) => {
    server.on('upgrade', (request, socket, head) => {
      if (options.refuse === undefined) return accept.handleUpgrade(request, socket, head, resolve);
      const { code, body } = options.refuse;
      socket.end(
        `HTTP/1.1 ${code} Refused\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/exec`, accepted };
}

async function opened(far: FarSide): Promise<{ stream: Duplex; peer: WebSocket; failed: Promise<unknown> }> {
  const stream = await openExecStream({ url: far.url, options: {}, node: 'cp1' }, new AbortController().signal);
  const failed = new Promise((resolve) => stream.once('error', resolve));
  return { stream, peer: await far.accepted, failed };
}

function message(channel: number, body: string | Buffer): Buffer {
  return Buffer.concat([Buffer.of(channel), Buffer.from(body)]);
}

describe('exec over WebSocket', () => {
  test.each([[['v4.channel.k8s.io']], [['v5.channel.k8s.io', 'v4.channel.k8s.io']]])(
    'bytes go both ways over %s',
    async (protocols) => {
      const { stream, peer } = await opened(await farSide({ protocols }));
      expect(peer.protocol).toBe(protocols[0]);
      // The API server opens each channel with an empty message.
      for (const channel of [1, 2, 3]) if (channel !== 3) peer.send(message(channel, ''));
      peer.send(message(1, 'from the pod'));
      expect(String((await once(stream, 'data'))[0])).toBe('from the pod');
      stream.write('to the pod');
      expect((await once(peer, 'message'))[0]).toEqual(message(0, 'to the pod'));
      stream.destroy();
      await once(peer, 'close');
    },
  );

  test.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'agent-gone'],
    [500, 'exec-refused'],
  ])('HTTP %d is %s, in the words of the API server', async (code, reason) => {
    const body = JSON.stringify({ kind: 'Status', status: 'Failure', message: 'pods "agent" is not for you' });
    const { url } = await farSide({ refuse: { code, body } });
    await expect(openExecStream({ url, options: {}, node: 'cp1' }, new AbortController().signal)).rejects.toMatchObject(
      {
        reason,
        why: 'pods "agent" is not for you',
      },
    );
  });

  test('nobody listens: api-unreachable', async () => {
    const target = { url: 'ws://127.0.0.1:1/exec', options: {}, node: 'cp1' };
    await expect(openExecStream(target, new AbortController().signal)).rejects.toMatchObject({
      reason: 'api-unreachable',
    });
  });

  test('an abort while it opens ends it with the reason of the abort', async () => {
    const server = createServer();
    servers.push(server);
    server.on('upgrade', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const abort = new AbortController();
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const opening = openExecStream({ url, options: {}, node: 'cp1' }, abort.signal);
    setTimeout(() => abort.abort(new Error('Ctrl-C')), 50);
    await expect(opening).rejects.toThrow('Ctrl-C');
  });

  test('a time limit for opening does not end what is open', async () => {
    const far = await farSide();
    const opening = new AbortController();
    const stream = await openExecStream({ url: far.url, options: {}, node: 'cp1' }, opening.signal);
    const peer = await far.accepted;
    opening.abort(new Error('ten seconds are over'));
    peer.send(message(1, 'still here'));
    expect(String((await once(stream, 'data'))[0])).toBe('still here');
    stream.destroy();
  });

  test('the process ends by itself: its exit status and what it wrote to standard error', async () => {
    const { peer, failed } = await opened(await farSide());
    peer.send(message(2, 'the agent does not answer on /run/x.sock'));
    peer.send(message(3, JSON.stringify({ status: 'Failure', message: 'command terminated with exit code 1' })));
    expect(await failed).toMatchObject({
      reason: 'agent-not-answering',
      node: 'cp1',
      why: 'the agent does not answer on /run/x.sock',
    });
  });

  test('the connection is cut: an error at once, never an end', async () => {
    const { stream, peer, failed } = await opened(await farSide());
    let ended = false;
    stream.on('end', () => (ended = true)).resume();
    peer.terminate();
    expect(await failed).toMatchObject({ reason: 'link-lost', node: 'cp1' });
    expect(ended).toBe(false);
  });

  test('a closing handshake without a status is an error too', async () => {
    const { peer, failed } = await opened(await farSide());
    peer.close(1000);
    expect(await failed).toMatchObject({ reason: 'link-lost' });
  });

  test('a peer that answers no ping is given up', async () => {
    const { peer, failed } = await opened(await farSide());
    // Answers are sent by the library itself: a paused socket reads no ping, as a host that is gone.
    peer.pause();
    expect(await failed).toMatchObject({ reason: 'link-lost' });
  }, 30_000);

  test('a reader that does not read stops the sender', async () => {
    const { stream, peer } = await opened(await farSide());
    const chunk = message(1, Buffer.alloc(32 * 1024));
    for (let sent = 0; sent < 4096; sent += 1) peer.send(chunk);
    await sleep(500);
    const heldBack = peer.bufferedAmount;
    expect(stream.readableLength).toBeLessThan(1024 * 1024);
    // 128 MiB were sent; what neither side's kernel nor we hold is still with the sender.
    expect(heldBack).toBeGreaterThan(100 * 1024 * 1024);
    let received = 0;
    for await (const data of stream as AsyncIterable<Buffer>) {
      received += data.length;
      if (received === 4096 * 32 * 1024) break;
    }
    expect(received).toBe(4096 * 32 * 1024);
  });
});
