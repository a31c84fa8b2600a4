import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetworkAccess } from '../../core/access/access-file.ts';
import { issueCertificate, makeAuthority, newKeys } from '../../core/access/certificates.ts';
import { unplugged } from './injuries.ts';
import { caseTimeoutMs, openStage, testAll } from './stage.ts';
import type { Stage } from './stage.ts';

describe('access files', () => {
  let stage: Stage;
  let good: NetworkAccess;
  beforeAll(async () => {
    stage = await openStage();
    good = JSON.parse(readFileSync(stage.accessFile, 'utf8')) as NetworkAccess;
  }, caseTimeoutMs);
  afterAll(() => stage.close());
  const straight = (file: string) => stage.plugin(['status', '--access', file, '-v']);

  test('install has written one: 0600, of this cluster, for its API server; straight, status is as ever', async () => {
    expect(statSync(stage.accessFile).mode & 0o777).toBe(0o600);
    const uid = await stage.kubectl('get', 'namespace', 'kube-system', '-o', 'jsonpath={.metadata.uid}');
    expect(good.cluster).toMatchObject({ name: 'demo', uid });
    expect(good.cluster.apiServers[0]?.url).toMatch(/^https:\/\/10\.99\.0\.11:6443$/);
    expect(good.nodes.map(({ name, port }) => [name, port])).toEqual([
      ['cp1', 2378],
      ['cp2', 2378],
      ['cp3', 2378],
    ]);
    expect((await straight(stage.accessFile)).code).toBe(0);
  });

  test("a laptop's is revoked on all nodes, and of no use from then on", async () => {
    const file = join(stage.work, 'ben.json');
    expect(await stage.plugin(['access', 'save', file, '--name', 'ben@laptop'])).toMatchObject({ code: 0 });
    expect((await straight(file)).code).toBe(0);
    const revoked = await stage.plugin(['access', 'revoke', 'ben@laptop']);
    expect(revoked).toMatchObject({ code: 0 });
    expect(revoked.stdout).toMatch(/ on cp\d, cp\d, cp\d\n$/);
    const after = await straight(file);
    expect(after.code).toBe(1);
    expect(after.stderr).toContain('reason  access-refused');
    expect(after.stderr).toMatch(/ next {4}\S/);
  }, 60_000);

  const alien = (options: { lifeMs?: number } = {}) => {
    const authority = makeAuthority({ clusterName: 'demo' });
    const { key, publicKey } = newKeys();
    const { certificate } = issueCertificate({ authority, publicKey, role: 'plugin', name: 'x', ...options });
    return { authority: authority.certificate, certificate, key };
  };
  test.each<[string, string, () => { text: string; mode?: number }]>([
    ['world-readable', 'access-file-exposed', () => ({ text: JSON.stringify(good), mode: 0o644 })],
    ['truncated', 'access-file-unreadable', () => ({ text: JSON.stringify(good).slice(0, 1_000) })],
    ['expired', 'access-file-expired', () => ({ text: JSON.stringify({ ...good, ...alien({ lifeMs: -1_000 }) }) })],
    ['of another cluster', 'agent-untrusted', () => ({ text: JSON.stringify({ ...good, ...alien() }) })],
  ])('%s: %s, and what to do', async (_, reason, make) => {
    const { text, mode = 0o600 } = make();
    const file = join(stage.work, 'bad.json');
    writeFileSync(file, text, { mode: 0o600 });
    chmodSync(file, mode);
    const ran = await straight(file);
    expect(ran).toMatchObject({ code: reason.startsWith('access-file') ? 2 : 1, stdout: '' });
    expect(ran.stderr).toContain(`reason  ${reason}`);
    expect(ran.stderr).toMatch(/ next {4}\S/);
  });

  testAll(
    'a node that is away when one is revoked is named, exit 3, and knows it when it is back',
    async () => {
      const file = join(stage.work, 'carl.json');
      await stage.plugin(['access', 'save', file, '--name', 'carl']);
      {
        await using _ = await unplugged(stage, 'cp3');
        const revoked = await stage.plugin(['access', 'revoke', 'carl', '--access', stage.accessFile]);
        expect(revoked.code).toBe(3);
        expect(revoked.stderr).toContain('cp3 does not know it yet');
        expect(revoked.tookMs).toBeLessThan(8_000);
      }
      const listed = async () =>
        JSON.parse((await stage.there('cp3', ['access', 'list', '-o', 'json'])).stdout) as {
          certificates: { name: string; status: string }[];
        };
      const endMs = Date.now() + 60_000;
      for (;;) {
        const carl = (await listed()).certificates.find(({ name }) => name === 'carl');
        if (carl?.status === 'revoked') break;
        expect(Date.now()).toBeLessThan(endMs);
        await sleep(1_000);
      }
      await stage.untilWell();
    },
    caseTimeoutMs,
  );

  testAll(
    'expires by itself, and the agents do not accept it whatever the clock of the laptop says',
    async () => {
      const file = join(stage.work, 'brief.json');
      await stage.plugin(['access', 'save', file, '--name', 'brief', '--life', '1m']);
      expect((await straight(file)).code).toBe(0);
      await sleep(61_000);
      expect((await straight(file)).stderr).toContain('reason  access-file-expired');
    },
    caseTimeoutMs,
  );

  testAll('with none at hand, what to do is said', async () => {
    const home = join(stage.work, 'empty');
    mkdirSync(home);
    const show = await stage.plugin(['access', 'show'], { environment: { HOME: home } });
    expect(show.code).toBe(2);
    expect(show.stderr).toContain('kubectl etcd access save');
  });
});
