import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { askVersion } from '../../../agent/tools/ask-version.ts';
import { compareVersions, parseVersion, suits } from '../../../agent/tools/versions.ts';
import type { ToolProgram } from '../../../agent/tools/versions.ts';
import { etcdBinaries } from '../../lab/etcd-packages.ts';
import { etcdVersions } from '../../lab/where.ts';

const bumps = { suits: true, canBump: true };
const plain = { suits: true, canBump: false };
const refused = (why: RegExp) => ({ suits: false, why: expect.stringMatching(why) });

test.each<[ToolProgram, string, string, boolean, ReturnType<typeof refused> | typeof bumps]>([
  // program, tool, server, needs bump
  ['etcdutl', '3.5.16', '3.5.16', true, bumps],
  ['etcdutl', '3.5.10', '3.5.4', true, bumps],
  ['etcdutl', '3.5.9', '3.5.16', false, plain],
  ['etcdutl', '3.5.9', '3.5.16', true, refused(/3\.5\.9: it cannot bump/)],
  ['etcdutl', '3.6.0', '3.6.6', true, bumps],
  ['etcdutl', '3.7.1', '3.7.0', true, bumps],
  ['etcdutl', '3.6.6', '3.5.30', false, refused(/3\.6\.6: newer/)],
  ['etcdutl', '3.5.30', '3.6.6', false, refused(/3\.5\.30: older/)],
  ['etcdutl', '4.5.16', '3.5.16', false, refused(/newer/)],
  ['etcdctl', '3.5.16', '3.5.16', true, bumps],
  ['etcdctl', '3.5.9', '3.5.9', true, refused(/cannot bump/)],
  ['etcdctl', '3.4.27', '3.4.3', true, bumps],
  ['etcdctl', '3.4.26', '3.4.30', false, plain],
  ['etcdctl', '3.4.26', '3.4.26', true, refused(/cannot bump/)],
  ['etcdctl', '3.3.10', '3.3.10', false, plain],
  ['etcdctl', '3.6.0', '3.6.0', false, refused(/no snapshots since 3\.6/)],
  ['etcdctl', '3.4.27', '3.5.0', false, refused(/older/)],
  ['etcdutl', '3.5.9-k3s1', 'v3.5.4+git', false, plain],
  ['etcdutl', 'unknown', '3.5.16', false, refused(/"unknown", which is no version/)],
  ['etcdutl', '3.5.16', '', false, refused(/"", which is no version/)],
])('%s %s for etcd %s, bump %s', (program, toolVersion, serverVersion, needsBump, expected) => {
  expect(suits({ program, toolVersion, serverVersion, needsBump })).toEqual(expected);
});

const version = fc.tuple(fc.nat(4), fc.nat(12), fc.nat(60)).map((numbers) => numbers.join('.'));
const program = fc.constantFrom<ToolProgram>('etcdutl', 'etcdctl');

test('never one of another minor version, and never one that cannot do what is needed', () => {
  fc.assert(
    fc.property(program, version, version, fc.boolean(), (which, toolVersion, serverVersion, needsBump) => {
      const verdict = suits({ program: which, toolVersion, serverVersion, needsBump });
      if (!verdict.suits) return;
      expect(toolVersion.replace(/\.\d+$/, '')).toBe(serverVersion.replace(/\.\d+$/, ''));
      if (needsBump) expect(verdict.canBump).toBe(true);
    }),
  );
});

test('versions are in the order of their numbers, not of their letters', () => {
  const parsed = ['3.4.27', '3.5.9', '3.5.10', '3.10.0', '4.0.0'].map((text) => parseVersion(text));
  const sorted = parsed.toReversed().sort((one, other) => (one && other ? compareVersions(one, other) : 0));
  expect(sorted).toEqual(parsed);
  expect(['3.5', '3.5.x', '3.5.1.2', 'etcd 3.5.1'].map(parseVersion)).toEqual(Array(4).fill(undefined));
});

describe.each(etcdVersions)('etcd %s', (suite) => {
  test('the table of who can bump is what its programs say of themselves', async () => {
    const { binaries } = await etcdBinaries(suite);
    const folder = dirname(binaries[0] ?? '');
    const programs = binaries.map((path) => path.slice(folder.length + 1)).filter((name) => name !== 'etcd');
    expect(programs).toEqual(suite === '3.4' ? ['etcdctl'] : ['etcdctl', 'etcdutl']);
    for (const which of programs as ToolProgram[]) {
      const path = join(folder, which);
      const answer = await askVersion([path, 'version']);
      if ('why' in answer) throw new Error(answer.why);
      const help = execFileSync(path, ['snapshot', 'restore', '--help'], { env: { ETCDCTL_API: '3' } }).toString();
      const verdict = suits({
        program: which,
        toolVersion: answer.version,
        serverVersion: answer.version,
        needsBump: false,
      });
      expect(verdict).toEqual({ suits: true, canBump: help.includes('--bump-revision') });
    }
  }, 60_000);
});
