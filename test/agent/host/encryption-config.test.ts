import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inspect } from 'node:util';
import { readEncryptionConfiguration } from '../../../agent/host/encryption-config.ts';
import { Failure } from '../../../core/failure.ts';
import { scratchRoot } from './scratch-root.ts';

const secret = 'c2VjcmV0IGlzIHNlY3VyZSwgb3IgaXMgaXQ/Cg==';
const configuration = `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets, '*.apps', widgets.example.com]
  providers:
  - aescbc:
      keys:
      - name: key2
        secret: ${secret}
      - {name: key1, secret: ${secret}}
  - secretbox: {keys: [{name: box, secret: ${secret}}]}
  - kms: {name: vault, apiVersion: v2, endpoint: unix:///run/kms.sock}
  - kms: {name: old, endpoint: unix:///run/old.sock, cachesize: 10}
  - identity: {}
- resources: ['*.*']
  providers: [{identity: {}}, {aesgcm: {keys: [{name: gcm, secret: ${secret}}]}}]
`;

/** A node whose API server is given these words. */
const nodeWith = (words: readonly string[], files: Readonly<Record<string, string>> = {}) =>
  scratchRoot({
    '/etc/kubernetes/manifests/api.yaml': JSON.stringify({
      kind: 'Pod',
      metadata: { name: 'kube-apiserver', namespace: 'kube-system' },
      spec: {
        containers: [
          {
            name: 'kube-apiserver',
            command: ['kube-apiserver', '--allow-privileged', ...words, '-v=2'],
            env: [{ name: 'FILE', value: 'enc.yaml' }],
            volumeMounts: [{ name: 'enc', mountPath: '/enc' }],
          },
        ],
        volumes: [{ name: 'enc', hostPath: { path: '/etc/kubernetes/encryption' } }],
      },
    }),
    ...files,
  });

async function read(words: readonly string[], files?: Readonly<Record<string, string>>): Promise<unknown> {
  await using node = await nodeWith(words, files);
  return await readEncryptionConfiguration({ root: node.root, node: 'cp1' });
}

const file = '/etc/kubernetes/encryption/enc.yaml';
const flag = '--encryption-provider-config=/enc/enc.yaml';

describe("the API server's encryption configuration", () => {
  test('in the order in which it applies, and without the keys', async () => {
    const found = await read([flag], { [file]: configuration });
    expect(found).toEqual({
      file,
      resources: [
        {
          resources: ['secrets', '*.apps', 'widgets.example.com'],
          providers: [
            { provider: 'aescbc', keyNames: ['key2', 'key1'] },
            { provider: 'secretbox', keyNames: ['box'] },
            { provider: 'kms', version: 'v2', keyNames: ['vault'] },
            { provider: 'kms', version: 'v1', keyNames: ['old'] },
            { provider: 'identity', keyNames: [] },
          ],
        },
        {
          resources: ['*.*'],
          providers: [
            { provider: 'identity', keyNames: [] },
            { provider: 'aesgcm', keyNames: ['gcm'] },
          ],
        },
      ],
    });
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  test.each([
    ['two words', ['--encryption-provider-config', '/enc/enc.yaml']],
    ['underscores', ['--encryption_provider_config=/enc/enc.yaml']],
    ['its old name', ['--experimental-encryption-provider-config=/enc/enc.yaml']],
    ['the last of two', ['--encryption-provider-config=/nowhere', flag]],
    ['a variable', ['--encryption-provider-config=/enc/$(FILE)']],
  ])('the flag as %s', async (_, words) => {
    expect(await read(words, { [file]: configuration })).toHaveProperty('file', file);
  });

  test.each([[[]], [['--encryption-provider-config=']]])('none with %j', async (words) => {
    expect(await read(words)).toBeUndefined();
  });

  test.each<[string, readonly string[], Record<string, string>, string, RegExp]>([
    ['no such file', [flag], {}, 'host-file-missing', /does not exist/],
    [
      'no volume of the host',
      ['--encryption-provider-config=/image/enc.yaml'],
      {},
      'encryption-config-unreadable',
      /mounts no folder/,
    ],
    ['no YAML', [flag], { [file]: `a: [${secret}` }, 'encryption-config-unreadable', /it is no YAML/],
    [
      'a key in a place where the parser would quote it',
      [flag],
      { [file]: `resources: *${secret}` },
      'encryption-config-unreadable',
      /enc\.yaml: it is no YAML$/,
    ],
    [
      'another shape',
      [flag],
      { [file]: `resources: [{resources: ${secret}}]` },
      'encryption-config-unreadable',
      /resources\.0\.resources/,
    ],
    [
      'a provider that is not known',
      [flag],
      { [file]: `resources: [{resources: [secrets], providers: [{rot13: {keys: [{secret: ${secret}}]}}]}]` },
      'encryption-config-unreadable',
      /resources\.0\.providers\.0 is not one known provider/,
    ],
  ])('%s is said', async (_, words, files, reason, message) => {
    await expect(read(words, files)).rejects.toMatchObject({
      reason,
      message: expect.stringMatching(message),
    });
  });

  test('no API server is said, with manifests that could not be read', async () => {
    await using node = await scratchRoot({ '/etc/kubernetes/manifests/broken': 'kind: Pod\nspec: [' });
    await expect(readEncryptionConfiguration({ root: node.root, node: 'cp1' })).rejects.toMatchObject({
      reason: 'api-server-not-found',
      message: expect.stringMatching(/cp1: .*manifests\/broken/),
    });
  });

  test('however the file is damaged, no part of a secret gets out', async () => {
    const at = fc.nat(configuration.length);
    const damage = fc.constantFrom('', '[', '"', "'", '\t', ': ', '*', '!!int ', '\\x');
    await fc.assert(
      fc.asyncProperty(at, at, damage, async (one, other, insert) => {
        const text = configuration.slice(0, one) + insert + configuration.slice(Math.max(one, other - 40));
        await using node = await nodeWith([flag], { [file]: text });
        const found = readEncryptionConfiguration({ root: node.root, node: 'cp1' });
        const thrown = await found.then(
          (value) => {
            // Names may be any text: the API server itself writes them in front of each value.
            expect(JSON.stringify(value).replace(/"(?:resources|keyNames)":\["[^\]]*\]/g, '')).not.toMatch(
              /"secret"|unix/,
            );
            return undefined;
          },
          (failure: unknown) => failure,
        );
        if (thrown === undefined) return;
        expect(thrown).toBeInstanceOf(Failure);
        const shown = inspect(thrown, { depth: 20, showHidden: true });
        for (let from = 0; from + 8 <= secret.length; from += 1)
          expect(shown).not.toContain(secret.slice(from, from + 8));
      }),
      { numRuns: 300 },
    );
  });
});
