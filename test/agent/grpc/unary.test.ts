import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer as createHttp2 } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { etcdDefinitions } from '../../../agent/etcd/messages.ts';
import { GrpcEndpoint } from '../../../agent/grpc/unary.ts';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function listening(server: Server): Promise<string> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const endpoint = (url: string) => new GrpcEndpoint({ url, credentials: {}, definitions: etcdDefinitions });
const status = (of: GrpcEndpoint, timeoutMs = 1_000) => of.call('etcdserverpb.Maintenance', 'Status', {}, timeoutMs);

/** A server that answers every call in its own way. */
function answering(answer: (stream: ServerHttp2Stream) => void): Server {
  return createHttp2().on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined).resume();
    answer(stream);
  });
}

describe('a unary call', () => {
  test('nobody listens: the words of the connection, at once', async () => {
    using gone = endpoint('http://127.0.0.1:1');
    await expect(status(gone)).rejects.toThrow('ECONNREFUSED');
  });

  test('a server that accepts and says nothing, as a stopped etcd: given up in time, and its connection is closed', async () => {
    const accepted: Socket[] = [];
    const url = await listening(createServer((socket) => accepted.push(socket.on('error', () => undefined).resume())));
    const begunMs = performance.now();
    {
      using silent = endpoint(url);
      await expect(status(silent, 300)).rejects.toThrow('no answer within 0.3 s');
    }
    expect(performance.now() - begunMs).toBeLessThan(1_000);
    const [socket] = accepted;
    if (socket?.closed === false) await once(socket, 'close', { signal: AbortSignal.timeout(1_000) });
    expect(socket?.closed).toBe(true);
  });

  test.each<[string, (stream: ServerHttp2Stream) => void, string | RegExp]>([
    ['HTTP 404', (stream) => stream.respond({ ':status': 404 }, { endStream: true }), /HTTP 404/],
    [
      "the server's own words",
      (stream) =>
        stream.respond(
          { ':status': 200, 'grpc-status': '14', 'grpc-message': 'etcdserver: no leader%21' },
          { endStream: true },
        ),
      'etcdserver: no leader!',
    ],
    [
      'words that are encoded wrongly',
      (stream) => stream.respond({ ':status': 200, 'grpc-status': '2', 'grpc-message': '100%' }, { endStream: true }),
      '100%',
    ],
    ['a reply that is no message', (stream) => (stream.respond(), stream.end('garbage')), 'no single gRPC message'],
    [
      'a connection that closes half-way',
      (stream) => (stream.respond(), stream.write(Buffer.alloc(3)), setTimeout(() => stream.session?.destroy(), 20)),
      /closed|message/,
    ],
  ])('%s', async (_what, answer, words) => {
    using one = endpoint(await listening(answering(answer)));
    await expect(status(one)).rejects.toThrow(words);
  });

  test('after a lost connection the next call makes a new one', async () => {
    let calls = 0;
    const url = await listening(
      answering((stream) => {
        calls += 1;
        stream.session?.destroy();
      }),
    );
    using one = endpoint(url);
    await expect(status(one)).rejects.toThrow();
    await expect(status(one)).rejects.toThrow();
    expect(calls).toBe(2);
  });
});
