import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openssl } from './stage.ts';
import type { Stage } from './stage.ts';

/** As the one on the node: its key, its subject, its authority; but of January 2020. */
export async function expiredCertificate(
  { shell, lab }: Stage,
  { node, path }: { readonly node: string; readonly path: string },
): Promise<string> {
  const address = lab.nodes.find(({ name }) => name === node)?.address ?? '';
  const work = mkdtempSync('/tmp/kubectl-etcd-e2e-ca-');
  const at = (name: string) => join(work, name);
  try {
    for (const [name, from] of [
      ['ca.crt', join(dirname(path), 'ca.crt')],
      ['ca.key', join(dirname(path), 'ca.key')],
      ['own.key', path.replace(/crt$/, 'key')],
    ] as const)
      writeFileSync(at(name), await shell(node, `cat ${from}`), { mode: 0o600 });
    await openssl('req', '-new', '-key', at('own.key'), '-subj', `/O=system:masters/CN=${node}`, '-out', at('csr'));
    writeFileSync(
      at('ext'),
      `extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=DNS:localhost,DNS:${node},IP:127.0.0.1,IP:${address}\n`,
    );
    const days = ['-not_before', '20200101000000Z', '-not_after', '20200131000000Z'];
    await signed(at, days);
    return readFileSync(at('crt'), 'utf8').trim();
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** `openssl ca` is the command whose dates can be set in every version. */
async function signed(at: (name: string) => string, days: readonly string[]): Promise<void> {
  const [, from = '', , to = ''] = days;
  writeFileSync(at('index'), '');
  const sections = ['[ca]', 'default_ca=own', '[own]', `database=${at('index')}`, `new_certs_dir=${at('.')}`];
  const settings = [
    'rand_serial=yes',
    'default_md=sha256',
    'policy=any',
    '[any]',
    'commonName=supplied',
    'organizationName=optional',
  ];
  writeFileSync(at('conf'), [...sections, ...settings, ''].join('\n'));
  const files = [
    '-cert',
    at('ca.crt'),
    '-keyfile',
    at('ca.key'),
    '-in',
    at('csr'),
    '-out',
    at('crt'),
    '-extfile',
    at('ext'),
  ];
  await openssl('ca', '-batch', '-notext', '-config', at('conf'), '-startdate', from, '-enddate', to, ...files);
}
