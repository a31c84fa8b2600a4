import { describe, expect, test } from '@jest/globals';
import { unreadableBy } from '../../../core/snapshot/decryptable.ts';
import type { EncryptionConfiguration, EncryptionProvider } from '../../../core/snapshot/decryptable.ts';
import type { StoredEncryption } from '../../../core/snapshot/stored-encryption.ts';

/** `aescbc:a,b`, `kms/v2:vault`, `identity`. */
function provider(text: string): EncryptionProvider {
  const [, name = '', version, keys] = /^(\w+)(?:\/(v\d))?(?::(.*))?$/.exec(text) ?? [];
  return {
    provider: name as EncryptionProvider['provider'],
    ...(version === undefined ? {} : { version: version as 'v1' | 'v2' }),
    keyNames: keys?.split(',') ?? [],
  };
}

/** `secrets *.apps = aescbc:a identity`, a rule a line. */
function configuration(...rules: readonly string[]): EncryptionConfiguration {
  return {
    file: '/e.yaml',
    resources: rules.map((rule) => {
      const [resources = '', providers = ''] = rule.split(' = ');
      return { resources: resources.split(' '), providers: providers.split(' ').map(provider) };
    }),
  };
}

/** `secrets aescbc/v1:a`, `pods identity`. */
function stored(text: string): StoredEncryption {
  const [resource = '', how = ''] = text.split(' ');
  const { provider: name, version, keyNames } = provider(how);
  return { resource, provider: name, version, keyName: keyNames[0], keys: 3 };
}

describe('what an API server reads', () => {
  test.each<[string, readonly string[], string, boolean]>([
    ['the key by its name', ['secrets = aescbc:a'], 'secrets aescbc/v1:a', true],
    ['any of its keys', ['secrets = aescbc:b,a'], 'secrets aescbc/v1:a', true],
    ['any of its providers', ['secrets = identity secretbox:a aescbc:a'], 'secrets aescbc/v1:a', true],
    ['no other key', ['secrets = aescbc:b'], 'secrets aescbc/v1:a', false],
    ['no other provider by the same name', ['secrets = aesgcm:a secretbox:a'], 'secrets aescbc/v1:a', false],
    ['no later version', ['secrets = aescbc:a'], 'secrets aescbc/v2:a', false],
    ['another resource’s rule is not its own', ['configmaps = aescbc:a'], 'secrets aescbc/v1:a', false],
    ['plain values where nothing is said', ['secrets = aescbc:a'], 'configmaps identity', true],
    ['plain values by identity', ['secrets = aescbc:a identity'], 'secrets identity', true],
    ['no plain values without identity', ['secrets = aescbc:a'], 'secrets identity', false],
    ['kms by the name of its plugin', ['secrets = kms/v2:vault'], 'secrets kms/v2:vault', true],
    ['kms v1 and v2 are two', ['secrets = kms/v1:vault'], 'secrets kms/v2:vault', false],
    ['a key with a colon in its name', ['secrets = aescbc:a:b'], 'secrets aescbc/v1:a', true],
    ['a key whose name cannot be told, by its provider', ['secrets = aescbc:ä'], 'secrets aescbc/v1', true],
    ['built-in groups', ['deployments.apps = aescbc:a'], 'deployments aescbc/v1:a', true],
    ['no resource of that name in the core group', ['deployments = aescbc:a'], 'deployments aescbc/v1:a', false],
    ['custom resources', ['widgets.example.com = aescbc:a'], 'widgets.example.com aescbc/v1:a', true],
    ['a group', ['*.apps = aescbc:a'], 'deployments aescbc/v1:a', true],
    ['a custom group', ['*.example.com = aescbc:a'], 'widgets.example.com aescbc/v1:a', true],
    ['the core group', ['*. = aescbc:a'], 'secrets aescbc/v1:a', true],
    ['the core group alone', ['*. = aescbc:a'], 'deployments aescbc/v1:a', false],
    ['everything', ['*.* = aescbc:a'], 'widgets.example.com aescbc/v1:a', true],
    ['a resource before its group', ['secrets = aescbc:a', '*. = aescbc:b'], 'secrets aescbc/v1:b', false],
    ['a group before everything', ['*.apps = aescbc:a', '*.* = aescbc:b'], 'deployments aescbc/v1:b', false],
    ['two rules of one resource together', ['secrets = aescbc:a', 'secrets = aescbc:b'], 'secrets aescbc/v1:b', true],
    [
      'a resource of a group that is not known, by its name',
      ['things.new.k8s.io = aescbc:a'],
      'things aescbc/v1:a',
      true,
    ],
    ['the same by any group', ['*.new.k8s.io = aescbc:a', '*.* = aescbc:b'], 'things aescbc/v1:a', true],
    ['the same by everything', ['*.new.k8s.io = aescbc:a', '*.* = aescbc:b'], 'things aescbc/v1:b', true],
    ['but not by nothing', ['secrets = aescbc:a'], 'things aescbc/v1:a', false],
    ['the allocations of the core group', ['*. = aescbc:a'], 'ranges aescbc/v1:a', true],
  ])('%s: %j, %s', (_, rules, text, readable) => {
    const found = stored(text);
    expect(unreadableBy([found], configuration(...rules))).toEqual(readable ? [] : [found]);
  });

  test('without a configuration plain values alone', () => {
    const all = ['secrets identity', 'secrets aescbc/v1:a', 'widgets.example.com kms/v2:vault'].map(stored);
    expect(unreadableBy(all, undefined)).toEqual(all.slice(1));
  });

  test('of many what it cannot, with how much there is of it', () => {
    const all = ['configmaps identity', 'secrets aescbc/v1:a', 'secrets aescbc/v1:old', 'secrets identity'].map(stored);
    expect(unreadableBy(all, configuration('secrets = aescbc:a'))).toEqual([
      { resource: 'secrets', provider: 'aescbc', version: 'v1', keyName: 'old', keys: 3 },
      { resource: 'secrets', provider: 'identity', version: undefined, keyName: undefined, keys: 3 },
    ]);
  });
});
