/** Whether an API server could read what a snapshot holds: the rules of its encryption configuration, without any key. */
import { groupResourceOf } from './kubernetes/api-group.ts';
import type { StoredEncryption } from './stored-encryption.ts';

export interface EncryptionProvider {
  readonly provider: 'identity' | 'aescbc' | 'aesgcm' | 'secretbox' | 'kms';
  /** Of kms alone. */
  readonly version?: 'v1' | 'v2' | undefined;
  /** The names of its keys; of kms the plugin's; none of `identity`. */
  readonly keyNames: readonly string[];
}

/** An API server's --encryption-provider-config, without the keys themselves. */
export interface EncryptionConfiguration {
  /** The path on the host. */
  readonly file: string;
  readonly resources: readonly {
    /** `secrets`, `deployments.apps`, `*.apps`, `*.` (the core group), `*.*`. */
    readonly resources: readonly string[];
    readonly providers: readonly EncryptionProvider[];
  }[];
}

/**
 * What of a snapshot an API server with this configuration could not read, empty when all is well; `identity` stands for values that are not
 * encrypted. Undefined is an API server without a configuration. As the API server does it (apiserver's server/options/encryptionconfig/config.go
 * and storage/value): the rules that name a resource apply together, without one the group's, without that `*.*`; a resource that no rule is for is
 * read as it is. Whoever has a rule reads plain values only where it lists `identity`. Of several providers and keys the first whose name fits is
 * not the only one that is tried.
 *
 * That a key of the right name is the right key only the API server can know.
 */
export function unreadableBy(
  stored: readonly StoredEncryption[],
  configuration: EncryptionConfiguration | undefined,
): readonly StoredEncryption[] {
  return stored.filter((each) => !choices(each.resource, configuration).some((providers) => canRead(providers, each)));
}

const plain: readonly EncryptionProvider[] = [{ provider: 'identity', keyNames: [] }];

/** The providers for a resource; of a resource whose group is not known those of every group that it may be of. */
function choices(name: string, configuration: EncryptionConfiguration | undefined): (readonly EncryptionProvider[])[] {
  const { resource, group } = groupResourceOf(name);
  const rules = configuration?.resources ?? [];
  const providersOf = (fits: (rule: string) => boolean) => {
    const providers = rules.filter((rule) => rule.resources.some(fits)).flatMap((rule) => rule.providers);
    return providers.length === 0 ? undefined : providers;
  };
  const everything = providersOf((rule) => rule === '*.*') ?? plain;
  if (group !== undefined) {
    // The core group's resources are named without a group, with `*.` for all of them.
    const exact = providersOf((rule) => rule === (group === '' ? resource : `${resource}.${group}`));
    return [exact ?? providersOf((rule) => rule === `*.${group}`) ?? everything];
  }
  const exact = providersOf((rule) => rule.split('.', 1)[0] === resource);
  if (exact !== undefined) return [exact];
  const wildcards = rules.flatMap((rule) =>
    rule.resources.some((each) => /^\*\.(?!\*)/.test(each)) ? [rule.providers] : [],
  );
  return [...wildcards, everything];
}

function canRead(providers: readonly EncryptionProvider[], { provider, version, keyName }: StoredEncryption): boolean {
  return providers.some((each) => {
    if (each.provider !== provider) return false;
    if (provider === 'identity') return true;
    if (version !== (each.version ?? 'v1')) return false;
    // A name with a colon in it goes on where the prefix seems to end.
    return keyName === undefined || each.keyNames.some((name) => `${name}:`.startsWith(`${keyName}:`));
  });
}
