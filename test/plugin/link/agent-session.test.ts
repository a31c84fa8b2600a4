import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import * as v from 'valibot';
import { agentServer } from '../../../agent/serve/server.ts';
import type { Routes } from '../../../agent/serve/server.ts';
import { Failure } from '../../../core/failure.ts';
import { AgentSession } from '../../../plugin/link/agent-session.ts';

/** The agent's real server and the plugin's real session, on the two ends of one stream. */
const opened: Duplex[] = [];
afterEach(() => opened.splice(0).forEach((end) => end.destroy()));

async function joined(
  routes: Routes,
): Promise<{ session: AgentSession; near: Duplex; far: Duplex; server: Http2Server }> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const near = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(listener, 'connection')) as [Duplex];
  listener.close();
  opened.push(near, far);
  const server = agentServer(routes, 'cp1');
  server.emit('connection', far);
  return { session: new AgentSession(near, 'cp1'), near, far, server };
}

async function collect(bytes: AsyncIterable<Buffer>): Promise<number> {
  let total = 0;
  for await (const chunk of bytes) total += chunk.length;
  return total;
}

const anything = v.object({ n: v.number() });
const never = new AbortController().signal;

describe('requests to an agent', () => {
  test('a JSON reply is decoded, many at once', async () => {
    using session = (await joined({ '/v1/n': ({ query }) => Promise.resolve({ json: { n: Number(query.get('n')) } }) }))
      .session;
    const replies = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => session.get(`/v1/n?n=${n}`, anything, { timeoutMs: 1000 })),
    );
    expect(replies.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
  });

  test('letters of several bytes arrive whole, wherever the pieces end', async () => {
    const text = v.object({ text: v.string() });
    const letters = 'é€😀'.repeat(20_000);
    using session = (await joined({ '/v1/text': () => Promise.resolve({ json: { text: letters } }) })).session;
    expect((await session.get('/v1/text', text, { timeoutMs: 5000 })).text).toBe(letters);
  });

  test("a route's failure arrives as it is; a defect as one of the agent", async () => {
    using session = (
      await joined({
        '/v1/failure': () =>
          Promise.reject(new Failure({ reason: 'etcd-not-found', what: 'no etcd', why: 'y', next: 'n' })),
        '/v1/defect': () => Promise.reject(new TypeError('x is undefined')),
      })
    ).session;
    await expect(session.get('/v1/failure', anything, { timeoutMs: 1000 })).rejects.toMatchObject({
      reason: 'etcd-not-found',
      node: 'cp1',
      why: 'y',
      next: 'n',
    });
    await expect(session.get('/v1/defect', anything, { timeoutMs: 1000 })).rejects.toMatchObject({
      reason: 'agent-defect',
      why: 'x is undefined',
    });
    await expect(session.get('/v2/members', anything, { timeoutMs: 1000 })).rejects.toMatchObject({
      reason: 'unknown-request',
    });
  });

  test('a reply of another shape is named', async () => {
    using session = (await joined({ '/v1/n': () => Promise.resolve({ json: { n: 'one' } }) })).session;
    await expect(session.get('/v1/n', anything, { timeoutMs: 1000 })).rejects.toMatchObject({
      reason: 'protocol-mismatch',
      node: 'cp1',
    });
  });

  test('an agent that does not answer is given up in time, and its route is told', async () => {
    let told = false;
    using session = (
      await joined({
        '/v1/silent': ({ signal }) =>
          new Promise((_, reject) =>
            signal.addEventListener('abort', () => {
              told = true;
              reject(new Error('gone'));
            }),
          ),
      })
    ).session;
    const begunMs = performance.now();
    await expect(session.get('/v1/silent', anything, { timeoutMs: 200 })).rejects.toMatchObject({
      reason: 'agent-silent',
      node: 'cp1',
    });
    expect(performance.now() - begunMs).toBeLessThan(1000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toBe(true);
  });

  test('bytes stream with back-pressure: a reader that stops stops the route', async () => {
    let produced = 0;
    async function* endless(): AsyncGenerator<Buffer, void, undefined> {
      for (;;) {
        produced += 65_536;
        yield await Promise.resolve(Buffer.alloc(65_536));
      }
    }
    using session = (await joined({ '/v1/bytes': () => Promise.resolve({ headers: {}, bytes: endless() }) })).session;
    const { bytes } = await session.stream('/v1/bytes', never);
    const reader = bytes[Symbol.asyncIterator]();
    await reader.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(produced).toBeLessThan(16 * 1024 * 1024);
    await reader.return?.();
  });

  test('a route that dies in mid-stream, and a connection that does, are failures and no end', async () => {
    async function* dying(): AsyncGenerator<Buffer, void, undefined> {
      yield await Promise.resolve(Buffer.alloc(1000));
      throw new Error('boom');
    }
    async function* waiting(): AsyncGenerator<Buffer, void, undefined> {
      yield await Promise.resolve(Buffer.alloc(1000));
      await new Promise(() => undefined);
    }
    const routes: Routes = {
      '/v1/dying': () => Promise.resolve({ headers: {}, bytes: dying() }),
      '/v1/waiting': () => Promise.resolve({ headers: {}, bytes: waiting() }),
    };
    const first = await joined(routes);
    await expect(first.session.stream('/v1/dying', never).then(({ bytes }) => collect(bytes))).rejects.toMatchObject({
      reason: 'link-lost',
    });
    for (const side of ['near', 'far'] as const) {
      const { session, ...ends } = await joined(routes);
      const { bytes } = await session.stream('/v1/waiting', never);
      setTimeout(() => ends[side].destroy(), 50);
      await expect(collect(bytes)).rejects.toMatchObject({ reason: 'link-lost', node: 'cp1' });
    }
  });

  test("a stream that breaks before its first piece is nobody's unhandled rejection: that would end the agent", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      // The first piece never comes.
      const bytes = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) };
      const { session, server } = await joined({ '/v1/waiting': () => Promise.resolve({ headers: {}, bytes }) });
      server.on('stream', (stream) => setTimeout(() => stream.destroy(new Error('reset')), 50));
      await expect(session.stream('/v1/waiting', never).then((reply) => collect(reply.bytes))).rejects.toThrow();
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });

  test('Ctrl-C ends a stream with its own reason', async () => {
    async function* waiting(): AsyncGenerator<Buffer, void, undefined> {
      yield await Promise.resolve(Buffer.alloc(1000));
      await new Promise(() => undefined);
    }
    using session = (await joined({ '/v1/waiting': () => Promise.resolve({ headers: {}, bytes: waiting() }) })).session;
    const abort = new AbortController();
    const interrupted = new Failure({ reason: 'interrupted', what: 'interrupted', exit: 130 });
    const { bytes } = await session.stream('/v1/waiting', abort.signal);
    setTimeout(() => abort.abort(interrupted), 50);
    await expect(collect(bytes)).rejects.toBe(interrupted);
  });

  test('a far end that has fallen silent without closing is noticed, in the middle of a stream too', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const near = connect((listener.address() as AddressInfo).port, '127.0.0.1');
    opened.push(near);
    using session = new AgentSession(near, 'cp1', { pingEveryMs: 50 });
    await expect(session.stream('/v1/snapshot', never)).rejects.toMatchObject({
      reason: 'link-lost',
      node: 'cp1',
      why: 'the agent has given no sign of life for 0.15 s',
    });
    listener.close();
  });
});
