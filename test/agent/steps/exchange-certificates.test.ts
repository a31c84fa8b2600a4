/** Files on a disk, stopped at each of their renames, gone on with and undone. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { HostRoot } from '../../../agent/host/root.ts';
import { exchangeCertificatesStep } from '../../../agent/steps/exchange-certificates.ts';
import { issueCertificatesStep } from '../../../agent/steps/issue-certificates.ts';
import type { StepContext } from '../../../agent/steps/step.ts';
import { clientProfile } from '../../../core/operation/certificate-profile.ts';
import type { StepOf } from '../../../core/operation/steps.ts';
import { X509Certificate } from 'node:crypto';
import { issueCertificate, makeAuthority, newKeys } from '../../../core/access/certificates.ts';

let root = '';
const pki = '/etc/kubernetes/pki/etcd';
const at = (path: string) => join(root, path);
const write = (name: string, text: string, mode = 0o644) => writeFileSync(at(`${pki}/${name}`), text, { mode });
const read = (path: string) => readFileSync(at(path), 'utf8');
beforeEach(() => {
  root = mkdtempSync('/tmp/exc-');
  mkdirSync(at(pki), { recursive: true });
  const authority = makeAuthority({ clusterName: 'etcd', nowMs: Date.now() - 1e10 });
  write('ca.crt', authority.certificate);
  write('ca.key', authority.key, 0o600);
  for (const name of ['server', 'peer']) {
    // Keys on a curve: those of RSA take their time.
    const { key, publicKey } = newKeys();
    write(
      `${name}.crt`,
      issueCertificate({ authority, publicKey, role: 'agent', name: 'n', dnsName: 'n' }).certificate,
    );
    write(`${name}.key`, key, 0o600);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const pairFiles = ['server', 'peer'].map((name) => ({ certFile: `${pki}/${name}.crt`, keyFile: `${pki}/${name}.key` }));
const issue: StepOf<'issue-certificates'> = {
  kind: 'issue-certificates',
  pairs: pairFiles.map((files) => ({
    ...files,
    authority: { certFile: `${pki}/ca.crt`, keyFile: `${pki}/ca.key` },
    profile: clientProfile('made-anew'),
  })),
};
const had = (hadCert = true, hadKey = true): StepOf<'exchange-certificates'> => ({
  kind: 'exchange-certificates',
  pairs: pairFiles.map((files) => ({ ...files, hadCert, hadKey })),
});
const context = () =>
  ({
    ...{ root: new HostRoot(root), node: 'cp1', operation: 'c-test1', progress: () => undefined },
    signal: new AbortController().signal,
  }) as unknown as StepContext;

/** Everything below the folder of the certificates, with content and mode. */
function whole(folder = at('/etc')): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(root.length), `${(statSync(path).mode & 0o777).toString(8)} ${readFileSync(path, 'utf8')}`];
    }),
  );
}

test('new ones in their place, like the old; the old ones kept for nobody else to read; and all of it undone', async () => {
  const before = whole();
  const leaf = new X509Certificate(read(`${pki}/server.crt`));
  await issueCertificatesStep.apply(issue, context());
  // Nothing is changed by issuing.
  expect(whole()).toMatchObject(before);
  await exchangeCertificatesStep.apply(had(), context());
  const now = new X509Certificate(read(`${pki}/server.crt`));
  expect({ subject: now.subject, names: now.subjectAltName }).toEqual({
    subject: leaf.subject,
    names: leaf.subjectAltName,
  });
  expect(now.serialNumber).not.toBe(leaf.serialNumber);
  const kept = `${pki}/.kubectl-etcd/c-test1/old`;
  expect(read(`${kept}/server.key`)).toBe(before[`${pki}/server.key`]?.slice(4));
  for (const name of ['server.crt', 'server.key', 'peer.crt', 'peer.key'])
    expect(statSync(at(`${kept}/${name}`)).mode & 0o777).toBe(0o600);
  expect(statSync(at(kept)).mode & 0o777).toBe(0o700);
  await exchangeCertificatesStep.undo(had(), context());
  await issueCertificatesStep.undo(issue, context());
  expect(whole()).toEqual(before);
});

test('what was missing is made anew, and missing again when that is undone', async () => {
  for (const { certFile, keyFile } of pairFiles) for (const file of [certFile, keyFile]) rmSync(at(file));
  const before = whole();
  await issueCertificatesStep.apply(issue, context());
  await exchangeCertificatesStep.apply(had(false, false), context());
  expect(new X509Certificate(read(`${pki}/peer.crt`)).subject).toBe('CN=made-anew');
  expect(statSync(at(`${pki}/peer.key`)).mode & 0o777).toBe(0o600);
  await exchangeCertificatesStep.undo(had(false, false), context());
  await issueCertificatesStep.undo(issue, context());
  expect(whole()).toEqual(before);
});

test('what the file held of the authorities above is in the new one as well', async () => {
  writeFileSync(at(`${pki}/server.crt`), `${read(`${pki}/server.crt`)}${read(`${pki}/ca.crt`)}`);
  await issueCertificatesStep.apply(issue, context());
  await exchangeCertificatesStep.apply(had(), context());
  expect(read(`${pki}/server.crt`).endsWith(read(`${pki}/ca.crt`))).toBe(true);
  expect(read(`${pki}/server.crt`).match(/BEGIN/g)).toHaveLength(2);
});

test('through a symbolic link: the file that it leads to is exchanged, and the link stays', async () => {
  mkdirSync(at('/data'), { recursive: true });
  writeFileSync(at('/data/server.crt'), read(`${pki}/server.crt`));
  rmSync(at(`${pki}/server.crt`));
  symlinkSync('/data/server.crt', at(`${pki}/server.crt`));
  const old = read('/data/server.crt');
  await issueCertificatesStep.apply(issue, context());
  await exchangeCertificatesStep.apply(had(), context());
  expect(read('/data/server.crt')).not.toBe(old);
  expect(read('/data/.kubectl-etcd/c-test1/old/server.crt')).toBe(old);
});

describe('killed in the middle', () => {
  const steps = 8;
  /** The first `count` renames of an exchange, as a process that is killed there leaves them. */
  async function killedAfter(count: number): Promise<void> {
    const { rename } = await import('node:fs/promises');
    const moves = pairFiles.flatMap(({ certFile, keyFile }) =>
      [keyFile, certFile].flatMap((file) => {
        const beside = (which: string) => file.replace(`${pki}/`, `${pki}/.kubectl-etcd/c-test1/${which}/`);
        return [
          [file, beside('old')],
          [beside('new'), file],
        ] as const;
      }),
    );
    mkdirSync(at(`${pki}/.kubectl-etcd/c-test1/old`), { recursive: true, mode: 0o700 });
    for (const [from, to] of moves.slice(0, count)) await rename(at(from), at(to));
  }

  test.each(Array.from({ length: steps + 1 }, (_, count) => count))('after %i renames: gone on with', async (count) => {
    const olds = pairFiles.map(({ certFile }) => read(certFile));
    await issueCertificatesStep.apply(issue, context());
    await killedAfter(count);
    await exchangeCertificatesStep.apply(had(), context());
    pairFiles.forEach(({ certFile, keyFile }, index) => {
      expect(read(certFile)).not.toBe(olds[index]);
      expect(new X509Certificate(read(certFile)).publicKey.asymmetricKeyType).toBe('ec');
      expect(existsSync(at(keyFile))).toBe(true);
    });
    await exchangeCertificatesStep.apply(had(), context());
  });

  test.each(Array.from({ length: steps + 1 }, (_, count) => count))('after %i renames: undone', async (count) => {
    const before = whole();
    await issueCertificatesStep.apply(issue, context());
    await killedAfter(count);
    await exchangeCertificatesStep.undo(had(), context());
    await exchangeCertificatesStep.undo(had(), context());
    await issueCertificatesStep.undo(issue, context());
    expect(whole()).toEqual(before);
  });

  test('a file that was being written is written again', async () => {
    await issueCertificatesStep.apply(issue, context());
    const fresh = at(`${pki}/.kubectl-etcd/c-test1/new/server.crt`);
    writeFileSync(fresh, readFileSync(fresh, 'utf8').slice(0, 100));
    await issueCertificatesStep.apply(issue, context());
    expect(new X509Certificate(readFileSync(fresh, 'utf8')).subject).toMatch(/CN=n$/);
  });
});

test.each([
  ['somebody has put a file back', () => writeFileSync(at(`${pki}/server.key`), 'x'), 'certificate-came-back'],
  [
    'the new ones are gone',
    () => rmSync(at(`${pki}/.kubectl-etcd/c-test1/new`), { recursive: true }),
    'certificate-not-issued',
  ],
])('%s: nothing is overwritten', async (_, meddle, reason) => {
  await issueCertificatesStep.apply(issue, context());
  const kept = at(`${pki}/.kubectl-etcd/c-test1/old/server.key`);
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(kept, read(`${pki}/server.key`));
  rmSync(at(`${pki}/server.key`));
  meddle();
  await expect(exchangeCertificatesStep.apply(had(), context())).rejects.toMatchObject({ reason });
});
