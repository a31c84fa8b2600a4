/**
 * `npm run build`: leaves in dist/ the two programs, each one file, with the launchers that find a Node for them. What lies there can be
 * copied anywhere as it is: into an image, into an archive, onto a node's disk.
 */
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from './packaging/bundle.ts';
import { thirdPartyNotices } from './packaging/third-party-notices.ts';

const root = import.meta.dirname;
const dist = join(root, 'dist');
const programs = [
  { name: 'kubectl-etcd', entry: 'plugin/main.ts' },
  { name: 'kubectl-etcd-agent', entry: 'agent/main.ts' },
] as const;

const bundles = await Promise.all(
  programs.map(async (program) => ({ ...program, ...(await bundle({ root, ...program })) })),
);
const notices = await thirdPartyNotices({
  root,
  packages: [...new Set(bundles.flatMap(({ packages }) => packages))],
  legalComments: bundles.map(({ legalComments }) => legalComments),
});

// Nothing is removed before everything is made: a build that fails leaves the last good one.
await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
for (const { name, code } of bundles) {
  await writeFile(join(dist, `${name}.cjs`), code);
  await copyFile(join(root, 'packaging/launcher.sh'), join(dist, name));
  await chmod(join(dist, name), 0o755);
  process.stdout.write(`dist/${name}.cjs  ${(code.byteLength / 1024 ** 2).toFixed(2)} MiB\n`);
}
// Without it Node would take the nearest package.json's word for what a .js file is, and look for one up to the root of the disk.
await writeFile(join(dist, 'package.json'), '{"type":"commonjs"}\n');
await writeFile(join(dist, 'THIRD-PARTY-NOTICES'), notices);
