/**
 * `npm run build`: leaves in dist/ the two programs, each one file, with the launchers that find a Node for them. What lies there can be
 * copied anywhere as it is: into an image, into an archive, onto a node's disk.
 */
import { join, relative } from 'node:path';
import { writePrograms } from './packaging/write-programs.ts';

const root = import.meta.dirname;
const written = await writePrograms({
  root,
  into: join(root, 'dist'),
  programs: [
    { name: 'kubectl-etcd', entry: 'plugin/main.ts' },
    { name: 'kubectl-etcd-agent', entry: 'agent/main.ts' },
  ],
});
for (const { path, sizeBytes } of written) {
  process.stdout.write(`${relative(root, path)}  ${(sizeBytes / 1024 ** 2).toFixed(2)} MiB\n`);
}
