import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { revocationReply } from '../../core/access/messages.ts';
import { accessPath } from '../../core/access/paths.ts';
import { askAny } from '../../plugin/access/ask-agents.ts';
import { enrolAndSave } from '../../plugin/access/enrol-and-save.ts';
import { reachByAccessFile } from '../../plugin/link/access-file.ts';
import type { NetworkAccess } from '../../plugin/link/access-file.ts';
import { LoneAgent } from '../local/lone-agent.ts';

/** What install does after the agents answer, with a real agent, run after run. */
let agent: LoneAgent;
let directory: string;
beforeAll(async () => {
  agent = await LoneAgent.start();
  directory = mkdtempSync('/tmp/kes-');
}, 30_000);
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const apiServer = { url: 'https://10.0.0.11:6443', caFingerprint: 'a'.repeat(64) };
const reachOf = (uid: string) => ({ ...agent.reach, cluster: { name: 'prod', uid } });
const run = (uid = 'uid-1') =>
  enrolAndSave({
    reach: reachOf(uid),
    clusterName: 'prod',
    apiServer,
    lifeSeconds: 3_600,
    signal: AbortSignal.timeout(10_000),
    directory,
  });
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as NetworkAccess;

test('the first time: the node is enrolled, and a file leads there without the API server', async () => {
  const { enrolled, failures, file, written } = await run();
  expect({ enrolled, written, failures: [...failures] }).toEqual({ enrolled: ['cp1'], written: true, failures: [] });
  expect(file.path).toBe(join(directory, 'prod.json'));
  expect(statSync(file.path).mode & 0o777).toBe(0o600);
  expect(read(file.path).cluster).toEqual({ name: 'prod', uid: 'uid-1', apiServers: [apiServer] });
  const straight = await reachByAccessFile(file.path, AbortSignal.timeout(5_000));
  expect(straight.nodes.map(({ name }) => name)).toEqual(['cp1']);
});

test('again: nothing new', async () => {
  const before = read(join(directory, 'prod.json'));
  expect(await run()).toMatchObject({ enrolled: ['cp1'], written: false });
  expect(read(join(directory, 'prod.json'))).toEqual(before);
});

test('two thirds through its life: a new one in its place', async () => {
  const path = join(directory, 'prod.json');
  const before = read(path);
  writeFileSync(path, JSON.stringify({ ...before, issuedAt: new Date(Date.now() - 3 * 3_600_000).toISOString() }));
  expect(await run()).toMatchObject({ written: true, file: { path } });
  expect(read(path).certificate).not.toBe(before.certificate);
});

test('revoked: a new one in its place', async () => {
  const path = join(directory, 'prod.json');
  const { holder } = read(path);
  await askAny(
    agent.reach,
    { target: accessPath.revocations, schema: revocationReply, send: { method: 'POST', json: { name: holder } } },
    AbortSignal.timeout(5_000),
  );
  expect(await run()).toMatchObject({ written: true, file: { path } });
});

test("another cluster's file of the same name is left alone", async () => {
  const path = join(directory, 'prod.json');
  const other = read(path);
  const foreign = { ...other, authority: other.certificate, cluster: { ...other.cluster, uid: 'uid-of-another' } };
  writeFileSync(path, JSON.stringify(foreign));
  expect(await run()).toMatchObject({ written: true, file: { path: join(directory, 'prod-uid-1.json') } });
  expect(read(path)).toEqual(foreign);
});
