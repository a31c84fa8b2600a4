import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { expiredCertificate } from './expired-certificate.ts';
import { movedAside, replaced } from './injuries.ts';
import { caseTimeoutMs, openStage, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

const folder = '/etc/kubernetes/pki/etcd';
const clientPairs = [
  `${folder}/healthcheck-client.crt`,
  '/etc/kubernetes/pki/apiserver-etcd-client.crt',
  `${folder}/peer.crt`,
];
const node = 'cp2';

/** The agent reads certificates anew for every request; etcd goes on with those that it has. */
describe('certificates of etcd on a node', () => {
  let stage: Stage;
  beforeAll(async () => (stage = await openStage()), caseTimeoutMs);
  afterAll(() => stage.close());
  afterEach(() => stage.lab.untilHealthy({ timeoutMs: 60_000 }), caseTimeoutMs);

  const saveFails = async () => {
    const ran = await stage.plugin(['snapshot', 'save', 'c.db', '--from', node]);
    expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^ {2}next +on the node: /m);
    return ran.stderr;
  };

  test(
    "the server's has expired: named with file and date; status says so, and shows the other members",
    async () => {
      const content = await expiredCertificate(stage, { node, path: `${folder}/server.crt` });
      await using _ = await replaced(stage, { node, path: `${folder}/server.crt`, content });
      const stderr = await saveFails();
      expect(stderr).toContain(`error: the certificate ${folder}/server.crt has expired\n  node  cp2\n`);
      expect(stderr).toMatch(/why +it was valid until 2020-01-31T00:00:00Z/);
      const { document, code } = await stage.status();
      // etcd reads its certificate anew for every connection: new clients, as the other agents, are shown the expired one.
      expect({ code, healthy: document.quorum?.healthy }).toEqual({ code: 3, healthy: 2 });
      expect(document.members.find((member) => member.node === node)?.status).toMatch(/certificate has expired/);
    },
    caseTimeoutMs,
  );

  test(
    "the health check's is not there: the next fitting pair serves",
    async () => {
      await using _ = await movedAside(stage, node, `${folder}/healthcheck-client.crt`);
      expect((await stage.plugin(['snapshot', 'save', 'next-pair.db', '--from', node])).code).toBe(0);
    },
    caseTimeoutMs,
  );

  testAll(
    "the health check's has expired: the next fitting pair serves",
    async () => {
      const path = `${folder}/healthcheck-client.crt`;
      await using _ = await replaced(stage, { node, path, content: await expiredCertificate(stage, { node, path }) });
      expect((await stage.plugin(['snapshot', 'save', 'expired-pair.db', '--from', node])).code).toBe(0);
    },
    caseTimeoutMs,
  );

  testAll(
    "every client's has expired or is not there: the first is named with its date",
    async () => {
      await using injuries = new AsyncDisposableStack();
      for (const path of clientPairs)
        injuries.use(await replaced(stage, { node, path, content: await expiredCertificate(stage, { node, path }) }));
      injuries.use(await movedAside(stage, node, `${folder}/server.key`));
      const stderr = await saveFails();
      expect(stderr).toContain(`error: the certificate ${folder}/healthcheck-client.crt has expired\n  node  cp2\n`);
      expect(stderr).toContain('it was valid until 2020-01-31T00:00:00Z');
    },
    caseTimeoutMs,
  );

  test(
    'a file that is no certificate, and an authority that is not there',
    async () => {
      {
        await using _ = await replaced(stage, { node, path: `${folder}/server.crt`, content: 'garbage' });
        expect(await saveFails()).toMatch(
          /error: cannot use \/etc\/kubernetes\/pki\/etcd\/server\.crt\n {2}node {2}cp2\n {2}why {3}there is no certificate in it/,
        );
      }
      await using _ = await movedAside(stage, node, `${folder}/ca.crt`);
      expect(await saveFails()).toContain(`cannot use ${folder}/ca.crt`);
    },
    caseTimeoutMs,
  );
});
