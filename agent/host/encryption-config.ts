import * as v from 'valibot';
import { Failure } from '../../core/failure.ts';
import type { EncryptionConfiguration, EncryptionProvider } from '../../core/snapshot/decryptable.ts';
import { parseBoundedYaml } from './bounded-yaml.ts';
import { readFlags } from './flags.ts';
import { readManifests } from './manifest-directory.ts';
import type { HostRoot } from './root.ts';
import { containerRunning } from './static-manifest.ts';
import type { PodContainer } from './static-manifest.ts';

/** The flag, and what it was called before Kubernetes 1.13; the API server reads an underscore as a dash. */
const flagNames = ['encryption-provider-config', 'experimental-encryption-provider-config'];

// The keys' secrets are no part of this: what is not named here is dropped.
const keys = v.nullish(v.object({ keys: v.array(v.object({ name: v.string() })) }));
const provider = v.object({
  aescbc: keys,
  aesgcm: keys,
  secretbox: keys,
  kms: v.nullish(v.object({ name: v.string(), apiVersion: v.nullish(v.picklist(['v1', 'v2'])) })),
  identity: v.nullish(v.object({})),
});
const configuration = v.object({
  resources: v.array(v.object({ resources: v.array(v.string()), providers: v.array(provider) })),
});

/**
 * What the API server of this node is told to encrypt and by which keys' names, from its static manifest; undefined without
 * --encryption-provider-config. No secret of a key is in what is returned or thrown.
 * @throws {Failure} `api-server-not-found` where no static manifest runs one; `encryption-config-unreadable`; those of HostRoot.
 */
export async function readEncryptionConfiguration({
  root,
  node,
}: {
  readonly root: HostRoot;
  /** The node's name as the kubelet uses it. */
  readonly node: string;
}): Promise<EncryptionConfiguration | undefined> {
  const { container, source } = await findApiServer(root, node);
  const inside = configurationFlag(container);
  if (inside === undefined) return undefined;
  const file = container.hostPath(inside);
  if (file === undefined)
    throw unreadable(inside, node, `${source} mounts no folder of the host there`, `mount ${inside} from the host`);
  return { file, resources: decode(await root.readText(file), file, node) };
}

async function findApiServer(root: HostRoot, node: string): Promise<{ container: PodContainer; source: string }> {
  const manifests = await readManifests(root);
  for (const { file, pod } of manifests?.pods ?? []) {
    const container = containerRunning(pod, 'kube-apiserver', node);
    if (container !== undefined) return { container, source: file };
  }
  throw new Failure({
    reason: 'api-server-not-found',
    what: 'cannot tell how the API server of this node is run',
    node,
    why: [
      manifests === undefined
        ? 'there is no static manifest directory'
        : `no static manifest in ${manifests.folder} runs kube-apiserver as its command`,
      ...(manifests?.unreadable ?? []).map(({ message }) => message),
    ].join('; '),
    next: 'put its manifest back, if somebody moved it',
  });
}

function configurationFlag({ argv }: PodContainer): string | undefined {
  const words = argv[0]?.startsWith('-') === true ? argv : argv.slice(1);
  const found = [...readFlags(words)].findLast(([name]) => flagNames.includes(name.replaceAll('_', '-')))?.[1];
  return found === '' ? undefined : found;
}

function decode(text: string, file: string, node: string): EncryptionConfiguration['resources'] {
  let value: unknown;
  try {
    value = parseBoundedYaml(text);
  } catch {
    // The parser's own words may quote the line, and with it a secret.
    throw unreadable(file, node, 'it is no YAML', `the API server would not start with it: mend it on the node`);
  }
  const result = v.safeParse(configuration, value, { abortEarly: true });
  if (!result.success) {
    // What was found there instead stays unsaid, too.
    const place = v.getDotPath(result.issues[0]) ?? 'the whole';
    throw unreadable(
      file,
      node,
      `${place} is not what it should be`,
      `the API server would not start with it: mend it on the node`,
    );
  }
  return result.output.resources.map(({ resources, providers }, index) => ({
    resources,
    providers: providers.map((each, position) => {
      const found = providersOf(each);
      const [only] = found;
      if (only !== undefined && found.length === 1) return only;
      const place = `resources.${index}.providers.${position}`;
      throw unreadable(
        file,
        node,
        `${place} is not one known provider`,
        `the API server would not start with it: mend it on the node`,
      );
    }),
  }));
}

function providersOf(given: v.InferOutput<typeof provider>): readonly EncryptionProvider[] {
  const found: EncryptionProvider[] = [];
  for (const name of ['aescbc', 'aesgcm', 'secretbox'] as const) {
    const settings = given[name];
    if (settings) found.push({ provider: name, keyNames: settings.keys.map((key) => key.name) });
  }
  if (given.kms) found.push({ provider: 'kms', version: given.kms.apiVersion ?? 'v1', keyNames: [given.kms.name] });
  if (given.identity) found.push({ provider: 'identity', keyNames: [] });
  return found;
}

function unreadable(file: string, node: string, why: string, next: string): Failure {
  const what = `cannot read the API server's encryption configuration ${file}`;
  return new Failure({ reason: 'encryption-config-unreadable', what, node, why, next });
}
