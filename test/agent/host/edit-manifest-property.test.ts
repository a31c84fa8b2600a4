import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { setEtcdFlags } from '../../../agent/host/edit-manifest.ts';
import { readCommandLine } from '../../../agent/host/flags.ts';
import { etcdContainer, parseManifest } from '../../../agent/host/static-manifest.ts';
import { Failure } from '../../../core/failure.ts';
import { kubeadm131 } from './manifests.ts';
import { oddManifest, values } from './odd-manifests.ts';
import type { OddManifest } from './odd-manifests.ts';

const change = fc
  .constantFrom(...Object.keys(values), 'force-new-cluster', 'snapshot-count')
  .chain((name) => fc.tuple(fc.constant(name), fc.constantFrom(undefined, 'true', '10000', ...(values[name] ?? []))));
const changes = fc.array(change, { maxLength: 5 }).map((entries) => new Map(entries));
const variableOf = (name: string) => `ETCD_${name.toUpperCase().replaceAll('-', '_')}`;

/** The options that a manifest was made with. */
function optionsOf({ flags, variables }: OddManifest): Map<string, string> {
  const named = Object.entries(variables).map(([name, value]): [string, string] => [
    name.slice('ETCD_'.length).toLowerCase().replaceAll('_', '-'),
    value,
  ]);
  return new Map([...named, ...flags.map(({ name, value }): [string, string] => [name, value])]);
}

function read(text: string): ReadonlyMap<string, string> {
  const pod = parseManifest(Buffer.from(text), '/m/etcd.yaml');
  const container = pod === undefined ? undefined : etcdContainer(pod, 'cp1');
  if (container?.invocation.kind !== 'etcd') throw new Error(text);
  return readCommandLine({ words: container.invocation.words, environment: container.environment }).options;
}

/** All documents without the words of etcd and the values of its variables. */
function surroundings(text: string): unknown {
  return parseAllDocuments(text, { logLevel: 'silent' }).map((document, index) => {
    const value = document.toJS() as { spec: { containers: { name: string; env?: { value?: string }[] }[] } };
    const etcd = index === 0 ? value.spec.containers.find(({ name }) => name === 'etcd') : undefined;
    for (const variable of etcd?.env ?? []) delete variable.value;
    if (etcd !== undefined) Object.assign(etcd, { command: [], args: [] });
    return value;
  });
}

/** The lines in which no changed flag stands, nor its value. */
function untouched(text: string, names: readonly string[]): string[] {
  const lines = text.split('\n').filter((line) => !/^(?:# a line|\s*args:)/.test(line));
  const mentions = (line: string | undefined) =>
    names.some((name) => line?.includes(`-${name}`) === true || line?.includes(variableOf(name)) === true);
  return lines.filter((line, index) => !mentions(line) && !mentions(lines[index - 1]));
}

function isWithin(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const line of whole) if (line.replace(/\r$/, '') === part[at]?.replace(/\r$/, '')) at += 1;
  return at === part.length;
}

describe('a manifest of any layout', () => {
  test('says what was wanted and nothing else that is new; doing it again changes nothing', () => {
    fc.assert(
      fc.property(oddManifest, changes, (manifest, drawn) => {
        // What a variable sets no flag can take out.
        const wanted = new Map(
          [...drawn].filter(([name, value]) => value !== undefined || !(variableOf(name) in manifest.variables)),
        );
        const after = setEtcdFlags(manifest.text, wanted);
        const options = optionsOf(manifest);
        for (const [name, value] of wanted) {
          if (value === undefined) options.delete(name);
          else options.set(name, value);
        }
        expect(read(after)).toEqual(options);
        expect(surroundings(after)).toEqual(surroundings(manifest.text));
        expect(setEtcdFlags(after, wanted)).toBe(after);
        if (manifest.style === 'block' && !manifest.text.includes('>-'))
          expect(isWithin(untouched(manifest.text, [...wanted.keys()]), after.split('\n'))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('is as it was once what was added is taken out again', () => {
    fc.assert(
      fc.property(oddManifest, changes, (manifest, drawn) => {
        const known = optionsOf(manifest);
        const added = new Map([...drawn].filter(([name, value]) => value !== undefined && !known.has(name)));
        const out = new Map([...added.keys()].map((name) => [name, undefined]));
        expect(setEtcdFlags(setEtcdFlags(manifest.text, added), out)).toBe(manifest.text);
      }),
      { numRuns: 500 },
    );
  });

  test('keeps every comment, the mark at its beginning and its line ends', () => {
    fc.assert(
      fc.property(oddManifest, changes, ({ text }, drawn) => {
        const wanted = new Map([...drawn].filter(([, value]) => value !== undefined));
        const after = setEtcdFlags(text, wanted);
        const comments = (given: string) => [...given.matchAll(/# .*$/gm)].map(([found]) => found.trimEnd()).join('\n');
        // A value that was replaced may have held a # itself.
        const odd = 'it\'s "odd": #1';
        expect(comments(after.replaceAll(odd, ''))).toBe(comments(text.replaceAll(odd, '')));
        expect(after.startsWith('\ufeff')).toBe(text.startsWith('\ufeff'));
        expect(after.endsWith('\n')).toBe(text.endsWith('\n'));
        if (text.includes('\r\n')) expect(after).not.toMatch(/[^\r]\n/);
        else expect(after).not.toContain('\r');
      }),
      { numRuns: 300 },
    );
  });
});

test('whatever the text is, it is edited as wanted or refused', () => {
  const at = fc.nat(kubeadm131.length);
  fc.assert(
    fc.property(at, at, fc.string({ maxLength: 10 }), changes, (one, other, insert, wanted) => {
      const text = kubeadm131.slice(0, one) + insert + kubeadm131.slice(other);
      for (const edit of [() => setEtcdFlags(text, wanted)])
        try {
          edit();
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Failure);
          expect(['manifest-unreadable', 'manifest-not-editable']).toContain((thrown as Failure).reason);
        }
    }),
    { numRuns: 500 },
  );
});
