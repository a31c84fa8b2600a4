import { Failure, messageOf } from '../../core/failure.ts';
import type { Json } from '../../core/snapshot/kubernetes/decode-message.ts';
import { completedBy, renamed } from '../../core/snapshot/kubernetes/dry-run.ts';
import type { KeyName } from '../../core/snapshot/kubernetes/key-name.ts';
import { isObject } from '../../core/snapshot/kubernetes/object.ts';
import type { StoredObject } from '../../core/snapshot/kubernetes/object.ts';
import { apiFailure } from '../cluster/api-failure.ts';
import { loadKubeConfig } from '../cluster/connection.ts';
import type { ConnectionFlags } from '../cluster/connection.ts';
import { isConflict, tryCreation } from '../cluster/try-creation.ts';

type Decoded = Extract<StoredObject, { form: 'protobuf' | 'json' }>;

/**
 * What this program does not know of an object, decoded by the API server: by the dry run of a creation, which keeps nothing and needs the right to create.
 * An object that is known wholly is left as it is, and no server is asked.
 * @throws {Failure} `server-cannot-decode` with what the API server says: admission refuses it, or it does not know the kind either.
 */
export async function decodeViaServer(
  stored: Decoded,
  value: Buffer,
  options: {
    readonly name: KeyName;
    readonly flags: ConnectionFlags;
    readonly environment: NodeJS.ProcessEnv;
    readonly signal: AbortSignal;
  },
): Promise<Pick<Decoded, 'object' | 'unknown'>> {
  if (stored.form === 'json' || stored.unknown.length === 0) return stored;
  const { name, flags, environment, signal } = options;
  const config = loadKubeConfig(flags, environment);
  const path = collectionOf(stored.apiVersion, name);
  const served = await attempt();
  if (!isObject(served as Json)) throw cannotDecode('its answer is no object');
  return completedBy(served as Record<string, Json>, stored);

  async function attempt(): Promise<unknown> {
    try {
      return await tryCreation(config, path, value, signal);
    } catch (thrown) {
      if (!isConflict(thrown)) throw asDecodingFailure(thrown);
    }
    try {
      // It is there: beside it, then.
      return await tryCreation(config, path, renamed(value, `${name.name}-of-snapshot`.slice(-63)), signal);
    } catch (thrown) {
      throw asDecodingFailure(thrown);
    }
  }

  function asDecodingFailure(thrown: unknown): Failure {
    const failure = apiFailure(thrown, `try to create ${name.resource}`, config.getCurrentCluster()?.server ?? '');
    return failure.reason === 'api-error' ? cannotDecode(failure.why ?? messageOf(thrown), thrown) : failure;
  }

  function cannotDecode(why: string, cause?: unknown): Failure {
    return new Failure({
      reason: 'server-cannot-decode',
      what: `the API server cannot decode ${stored.apiVersion} ${stored.kind} ${JSON.stringify(name.name)}`,
      why,
      next: 'leave out --via-server: what is not known is then shown by its number',
      cause,
    });
  }
}

function collectionOf(apiVersion: string, { resource, namespace }: KeyName): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const [plural = ''] = resource.split('.');
  return [root, ...(namespace === undefined ? [] : ['namespaces', encodeURIComponent(namespace)]), plural].join('/');
}
