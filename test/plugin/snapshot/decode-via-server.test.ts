/**
 * Decoding through an API server. What it is asked and what it answers was recorded with Kubernetes 1.20 (fixtures/unknown-kind.json): the stored bytes of a
 * PodSecurityPolicy, which this program's table does not have, and the object as that API server gave it.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { decodeObject } from '../../../core/snapshot/kubernetes/object.ts';
import type { ConnectionFlags } from '../../../plugin/cluster/connection.ts';
import { decodeViaServer } from '../../../plugin/snapshot/decode-via-server.ts';

const fixture = path.join(import.meta.dirname, '../../core/snapshot/fixtures/unknown-kind.json');
const { stored, served } = JSON.parse(await readFile(fixture, 'utf8')) as {
  stored: string;
  served: { metadata: Record<string, unknown>; spec: Record<string, unknown> };
};
const value = Buffer.from(stored, 'base64');
const name = { resource: 'podsecuritypolicies', namespace: undefined, name: 'strict' };
const statusOf = (code: number, message: string) => ({ kind: 'Status', code, message });

/** Answers in turn; keeps what it was asked. */
async function serverOf(answers: readonly { readonly code: number; readonly body: unknown }[]) {
  const asked: { method: string; url: string; type: string; name: unknown }[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const object = decodeObject(body);
      const metadata = object.form === 'protobuf' ? (object.object['metadata'] as Record<string, unknown>) : {};
      const { method = '', url = '', headers } = request;
      asked.push({ method, url, type: headers['content-type'] ?? '', name: metadata['name'] });
      const answer = answers[asked.length - 1] ?? { code: 500, body: {} };
      response.writeHead(answer.code, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    asked,
    // client-node takes plain HTTP only where it may skip the check of certificates.
    flags: { server: `http://127.0.0.1:${port}`, insecureSkipTlsVerify: true },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function decodedBy(flags: ConnectionFlags, bytes = value) {
  const object = decodeObject(bytes);
  if (object.form !== 'protobuf') throw new Error(object.form);
  const { signal } = new AbortController();
  return await decodeViaServer(object, bytes, { name, flags, environment: { KUBECONFIG: '' }, signal });
}

/** As it would be created: with another name, id and time than what was stored. */
const created = { ...served, metadata: { name: 'other', uid: 'new', creationTimestamp: '2030-01-01T00:00:00Z' } };

test('an unknown kind shows its metadata and keeps all else by number', () => {
  const object = decodeObject(value);
  expect(object).toMatchObject({ form: 'protobuf', kind: 'PodSecurityPolicy', unknown: ['unknownField2'] });
  const { name: servedName, uid, labels, annotations, creationTimestamp } = served.metadata;
  expect(JSON.parse(JSON.stringify(object))).toMatchObject({
    object: { metadata: { name: servedName, uid, labels, annotations, creationTimestamp } },
  });
});

test('what is unknown comes from the server, metadata from the file', async () => {
  await using server = await serverOf([{ code: 201, body: created }]);
  const { object, unknown } = await decodedBy(server.flags);
  expect(unknown).toEqual([]);
  expect(object['spec']).toEqual(served.spec);
  expect(JSON.parse(JSON.stringify(object['metadata']))).toMatchObject({ name: 'strict', uid: served.metadata['uid'] });
  expect(server.asked).toEqual([
    {
      method: 'POST',
      url: '/apis/policy/v1beta1/podsecuritypolicies?dryRun=All',
      type: 'application/vnd.kubernetes.protobuf',
      name: 'strict',
    },
  ]);
});

test('beside one that is still there it is tried under another name', async () => {
  const conflict = { code: 409, body: statusOf(409, 'podsecuritypolicies.policy "strict" already exists') };
  await using server = await serverOf([conflict, { code: 201, body: created }]);
  const { object } = await decodedBy(server.flags);
  expect(object['spec']).toEqual(served.spec);
  expect(JSON.parse(JSON.stringify(object['metadata']))).toMatchObject({ name: 'strict' });
  expect(server.asked.map((each) => each.name)).toEqual(['strict', 'strict-of-snapshot']);
});

test.each([
  [404, 'the server could not find the requested resource', 'server-cannot-decode'],
  [422, 'spec.volumes: Invalid value', 'server-cannot-decode'],
  [403, 'podsecuritypolicies.policy is forbidden', 'forbidden'],
  [401, 'Unauthorized', 'unauthorized'],
])('an answer %i is told: %s', async (code, message, reason) => {
  await using server = await serverOf([{ code, body: statusOf(code, message) }]);
  await expect(decodedBy(server.flags)).rejects.toMatchObject({ reason, why: message });
});

test('what this program knows wholly needs no server', async () => {
  const configMap = Buffer.from('azhzAAoPCgJ2MRIJQ29uZmlnTWFwEgMKAQo=', 'base64');
  const object = decodeObject(configMap);
  if (object.form !== 'protobuf') throw new Error(object.form);
  const { signal } = new AbortController();
  const flags = { server: 'http://127.0.0.1:1' };
  const known = { ...object, unknown: [] };
  await expect(
    decodeViaServer(known, configMap, { name, flags, environment: { KUBECONFIG: '' }, signal }),
  ).resolves.toBe(known);
});
