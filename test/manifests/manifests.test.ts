import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { loadYaml } from '@kubernetes/client-node';
import * as v from 'valibot';
import { parse, parseAllDocuments } from 'yaml';
import { programVersion } from '../../core/version.ts';
import { agentNamespace, agentSelector } from '../../plugin/cluster/cluster.ts';

const directory = join(import.meta.dirname, '../../manifests');
const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
const head = v.looseObject({
  kind: v.string(),
  metadata: v.looseObject({
    name: v.string(),
    namespace: v.optional(v.string()),
    labels: v.record(v.string(), v.string()),
  }),
});
const { resources } = v.parse(
  v.looseObject({ resources: v.array(v.string()) }),
  parse(await read('kustomization.yaml')),
);
const texts = await Promise.all(resources.map(read));
const objects = texts.flatMap((text) => parseAllDocuments(text).map((document) => v.parse(head, document.toJS())));

test('kustomization.yaml names every file that lies there', async () => {
  const present = (await readdir(directory)).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
  expect([...resources].sort()).toEqual(present.sort());
});

test('they are what an installation consists of', () => {
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? '-'} ${metadata.name}`)).toEqual([
    'Namespace - kubectl-etcd',
    'ServiceAccount kubectl-etcd kubectl-etcd-agent',
    'ClusterRole - kubectl-etcd-operator',
    'Role kubectl-etcd kubectl-etcd-operator',
    'DaemonSet kubectl-etcd kubectl-etcd-agent',
  ]);
});

describe.each(objects.map((object) => [object.kind, object] as const))('%s', (_kind, object) => {
  // The generated client keeps the fields that Kubernetes' API describes and drops the others, as an API server would.
  test('has no field that Kubernetes does not know', () => {
    const known: unknown = JSON.parse(JSON.stringify(loadYaml(JSON.stringify(object))));
    expect(known).toEqual(object);
  });

  test('is where the plugin looks, under its label', () => {
    const [label = '', value] = agentSelector.split('=');
    expect(object.metadata.labels[label]).toBe(value);
    expect(object.metadata.namespace ?? agentNamespace).toBe(agentNamespace);
  });
});

test("the DaemonSet's image is of this version", () => {
  expect(JSON.stringify(objects)).toContain(`"image":"ghcr.io/kubectl-etcd/kubectl-etcd-agent:v${programVersion}"`);
});
