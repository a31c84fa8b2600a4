import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, parseDocument } from 'yaml';
import { manifestProblems } from '../../krew/manifest-rules.ts';
import { programVersion } from '../../core/version.ts';

const text = await readFile(join(import.meta.dirname, '../../krew/etcd.yaml'), 'utf8');

test("the project's own manifest keeps every rule and is of this version", () => {
  expect(manifestProblems('etcd.yaml', parse(text))).toEqual([]);
  expect(parseDocument(text).getIn(['spec', 'version'])).toBe(`v${programVersion}`);
});

describe('what krew would refuse is refused here', () => {
  const long = 'word '.repeat(17).trim();
  const amd64 = { matchLabels: { os: 'linux', arch: 'amd64' } };
  test.each<[path: (string | number)[], value: unknown, problem: string]>([
    [['apiVersion'], 'krew.googlecontainertools.github.com/v1alpha1', 'apiVersion: Invalid type'],
    [['kind'], 'Plugins', 'kind: Invalid type'],
    [['metadata', 'name'], 'etc', 'metadata.name: the file is etcd.yaml'],
    [['metadata', 'name'], 'Etcd', 'metadata.name: is not in lower case'],
    [['metadata', 'name'], 'kube-etcd', 'metadata.name: repeats kube'],
    [['metadata', 'name'], 'con', 'metadata.name: is a reserved name'],
    [['spec', 'version'], programVersion, 'spec.version: is not a semantic version with a v'],
    [['spec', 'version'], 'v9.9.9', 'spec.platforms.0.uri: is not of v9.9.9'],
    [['spec', 'homepage'], 'http://example.org', 'spec.homepage: is not an https'],
    [['spec', 'shortDescription'], '', 'spec.shortDescription: has to be set'],
    [['spec', 'shortDescription'], 'a'.repeat(51), 'spec.shortDescription: is longer than 50'],
    [['spec', 'shortDescription'], 'one\ntwo', 'spec.shortDescription: has a line break'],
    [['spec', 'shortDescription'], 'Backs up etcd.', 'spec.shortDescription: ends with a full stop'],
    [['spec', 'shortDescription'], 'A kubectl plugin for etcd', 'spec.shortDescription: says what'],
    [['spec', 'description'], long, 'spec.description: has a line of more than 80'],
    [['spec', 'caveats'], long, 'spec.caveats: has a line of more than 80'],
    [['spec', 'platforms'], [], 'spec.platforms: has to name a platform'],
    [['spec', 'platforms', 0, 'selector'], {}, 'spec.platforms.0.selector.matchLabels: Invalid key'],
    [
      ['spec', 'platforms', 0, 'selector', 'matchLabels', 'os'],
      'plan9',
      'spec.platforms.0.selector.matchLabels.os: Invalid type',
    ],
    [['spec', 'platforms', 1, 'selector'], amd64, 'spec.platforms.1.selector: linux/amd64 is selected twice'],
    [['spec', 'platforms', 0, 'uri'], 'http://example.org/a.tar.gz', 'spec.platforms.0.uri: is not an https'],
    [['spec', 'platforms', 0, 'sha256'], 'F'.repeat(64), 'spec.platforms.0.sha256: is not a sha256'],
    [['spec', 'platforms', 0, 'files'], [], 'spec.platforms.0.files: has to be unspecified or non-empty'],
    [['spec', 'platforms', 0, 'files', 0, 'from'], '', 'spec.platforms.0.files.0.from: has to be set'],
    [['spec', 'platforms', 0, 'files', 0, 'to'], '../..', 'spec.platforms.0.files.0.to: leads out'],
    [['spec', 'platforms', 0, 'files', 4, 'from'], 'COPYING', 'spec.platforms.0.files: LICENSE is missing'],
    [['spec', 'platforms', 0, 'bin'], 'kubectl-other', 'spec.platforms.0.bin: kubectl-other is not among'],
    [['spec', 'platforms', 0, 'checksum'], 'x', 'spec.platforms.0.checksum: Invalid key'],
  ])('%j = %j', (path, value, problem) => {
    const broken: unknown = structuredClone(parse(text));
    setIn(broken, path, value);
    expect(manifestProblems('etcd.yaml', broken)).toContainEqual(expect.stringContaining(problem));
  });
});

function setIn(target: unknown, path: readonly (string | number)[], value: unknown): void {
  const [head = '', ...rest] = path;
  if (typeof target !== 'object' || target === null) throw new Error(`nothing at ${String(head)}`);
  if (rest.length === 0) Reflect.set(target, head, value);
  else setIn(Reflect.get(target, head), rest, value);
}
