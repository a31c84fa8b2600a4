import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setEtcdFlags } from '../../agent/host/edit-manifest.ts';
import { etcdContainer, parseManifest } from '../../agent/host/static-manifest.ts';
import { etcdBinaries } from '../lab/etcd-packages.ts';
import { etcdVersions } from '../lab/where.ts';

/** What the editing of manifests takes etcd to do, asked of etcd itself. It ends soon: a member of another name is not in its own initial cluster. */
describe.each(etcdVersions)('etcd %s', (version) => {
  const run = async (words: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    const work = mkdtempSync('/tmp/kef-');
    try {
      const etcd = join(dirname((await etcdBinaries(version)).binaries[0] ?? ''), 'etcd');
      const ran = spawnSync(etcd, words, { cwd: work, env: environment, encoding: 'utf8', timeout: 20_000 });
      return { said: `${ran.stdout}${ran.stderr}`, code: ran.status };
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  };
  const complaint = /couldn't find local name|conflicting environment variable/;

  test('does not start with flag and variable both, be the variable empty', async () => {
    for (const value of ['b=http://127.0.0.1:1', '']) {
      const { said, code } = await run(['--initial-cluster=c=http://127.0.0.1:1'], { ETCD_INITIAL_CLUSTER: value });
      expect(said).toMatch(/conflicting environment variable/);
      expect(code).toBe(1);
    }
  });

  test('starts with neither: it goes on to its name, which is wrong here', async () => {
    const { said } = await run(['--initial-cluster=c=http://127.0.0.1:1', '--name=a']);
    expect(complaint.exec(said)?.[0]).toBe("couldn't find local name");
  });

  test('takes the last of several flags, one dash for two, and a variable as edited', async () => {
    const wrong = 'c=http://127.0.0.1:1';
    const pod = (container: object) =>
      JSON.stringify({
        kind: 'Pod',
        metadata: { name: 'etcd' },
        spec: { containers: [{ name: 'etcd', ...container }] },
      });
    for (const container of [
      { command: ['etcd', '-name=x', `--initial-cluster=${wrong}`, '--name', 'y'] },
      { command: ['etcd', `--initial-cluster=${wrong}`], env: [{ name: 'ETCD_NAME', value: 'x' }] },
      { command: ['etcd'], args: [`--initial-cluster=${wrong}`] },
    ]) {
      const edited = parseManifest(Buffer.from(setEtcdFlags(pod(container), new Map([['name', 'wanted']]))), 'x');
      const found = edited === undefined ? undefined : etcdContainer(edited, 'cp1');
      if (found === undefined) throw new Error('no etcd');
      const { said } = await run(found.argv.slice(1), found.environment);
      expect(said).toMatch(/couldn't find local name \\?"wanted\\?" in the initial cluster/);
    }
  });

  test('hears no flag beside a configuration file', async () => {
    const folder = mkdtempSync('/tmp/kef-');
    const file = join(folder, 'etcd.yaml');
    writeFileSync(file, `name: of-the-file\ninitial-cluster: c=http://127.0.0.1:1\ndata-dir: ${folder}/data\n`);
    try {
      const { said } = await run([`--config-file=${file}`, '--name=of-the-flag']);
      expect(said).toMatch(/couldn't find local name \\?"of-the-file\\?"/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
