import { expect, test } from '@jest/globals';
import { connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { agentServer } from '../../../agent/serve/server.ts';
import { TlsListener } from '../../../agent/serve/tls-listener.ts';
import { issueCertificate, makeAuthority, newKeys } from '../../../core/access/certificates.ts';
import { dialAgent } from '../../../core/access/dial.ts';

const authority = makeAuthority({ clusterName: 'x' });
function credentials(role: 'agent' | 'plugin') {
  const { key, publicKey } = newKeys();
  const dnsName = role === 'agent' ? 'cp1.agents.kubectl-etcd' : undefined;
  const { certificate } = issueCertificate({ authority, publicKey, role, name: 'cp1', dnsName });
  return { authority: authority.certificate, certificate, key };
}

const idleMs = 300;

test.each([
  ['who gives a sign of life stays, with nothing to say for long', 50, false],
  ['who gives none is gone', undefined, true],
])('%s', async (_, pingEveryMs, closed) => {
  const own = credentials('agent');
  const listener = new TlsListener({
    node: 'cp1',
    host: '127.0.0.1',
    port: 0,
    http2: agentServer({ '/v1/follow': () => Promise.resolve({ headers: {}, bytes: silence() }) }, 'cp1'),
    credentials: () => own,
    isRevoked: () => false,
    idleMs,
  });
  listener.refresh();
  while (listener.port === undefined) await sleep(10);
  const target = { node: 'cp1', addresses: ['127.0.0.1'], port: listener.port };
  const socket = await dialAgent(target, credentials('plugin'), AbortSignal.timeout(2_000));
  const session = connect('https://agent', { createConnection: () => socket });
  session.on('error', () => undefined);
  const stream = session.request({ ':path': '/v1/follow' });
  stream.on('error', () => undefined).resume();
  const pings =
    pingEveryMs === undefined
      ? undefined
      : setInterval(() => session.destroyed || session.ping(() => undefined), pingEveryMs);
  await sleep(4 * idleMs);
  clearInterval(pings);
  expect(socket.destroyed).toBe(closed);
  session.destroy();
  await listener.close();
});

async function* silence(): AsyncGenerator<Buffer, void, undefined> {
  await sleep(10 * idleMs, undefined, { ref: false });
  yield Buffer.alloc(0);
}
