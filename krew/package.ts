/**
 * node krew/package.ts [--only x64|arm64]
 * Builds from dist/ (`npm run build`) the archives that krew installs, and the manifest with their checksums, into dist/krew.
 */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDocument } from 'yaml';
import { Failure, messageOf } from '../core/failure.ts';
import { programVersion } from '../core/version.ts';
import { manifestProblems } from './manifest-rules.ts';
import { pluginContent, writeArchive } from './archive.ts';
import { type Architecture, nodeBinary } from './node-binary.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const output = join(dist, 'krew');
/** In the order of the manifest's platforms, with the names that Go and krew have for them. */
const platforms: readonly { readonly architecture: Architecture; readonly krewName: string }[] = [
  { architecture: 'x64', krewName: 'amd64' },
  { architecture: 'arm64', krewName: 'arm64' },
];

async function packageAll(only: string | undefined): Promise<void> {
  const chosen = platforms.filter(({ architecture }) => only === undefined || architecture === only);
  if (chosen.length === 0)
    throw new Failure({
      reason: 'usage',
      what: `there is no archive for ${String(only)}`,
      next: '--only x64, or --only arm64',
      exit: 2,
    });
  if ((await stat(join(dist, 'kubectl-etcd.cjs')).catch(() => undefined)) === undefined)
    throw new Failure({
      reason: 'not-built',
      what: 'there is nothing in dist/ to put into an archive',
      next: 'npm run build',
    });
  await mkdir(output, { recursive: true });
  const scratch = await mkdtemp(join(tmpdir(), 'kubectl-etcd-krew-'));
  try {
    const manifest = parseDocument(await readFile(join(root, 'krew/etcd.yaml'), 'utf8'));
    for (const { architecture, krewName } of chosen) {
      const node = await nodeBinary({ root, architecture, scratch });
      const file = join(output, `kubectl-etcd_v${programVersion}_linux_${krewName}.tar.gz`);
      const sha256 = await writeArchive({
        file,
        content: pluginContent({ root, dist, node }),
        scratch: join(scratch, `content-${architecture}`),
      });
      manifest.setIn(
        ['spec', 'platforms', platforms.findIndex((platform) => platform.architecture === architecture), 'sha256'],
        sha256,
      );
      process.stdout.write(`${sha256}  ${file}  ${((await stat(file)).size / 1024 ** 2).toFixed(1)} MiB\n`);
    }
    // The comment at the head is about the file in the repository. A manifest with a checksum of zeros must not look like one that can be published.
    if (chosen.length === platforms.length) {
      const problems = manifestProblems('etcd.yaml', manifest.toJS());
      if (problems.length > 0)
        throw new Failure({
          reason: 'manifest-invalid',
          what: 'krew would refuse krew/etcd.yaml',
          why: problems.join('; '),
        });
      await writeFile(join(output, 'etcd.yaml'), manifest.toString({ lineWidth: 0 }).replace(/^(?:#.*\n)+/, ''));
    } else {
      await rm(join(output, 'etcd.yaml'), { force: true });
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

try {
  await packageAll(parseArgs({ options: { only: { type: 'string' } } }).values.only);
} catch (thrown) {
  const next = thrown instanceof Failure && thrown.next !== undefined ? `\n  ${thrown.next}` : '';
  process.stderr.write(`error: ${messageOf(thrown)}${next}\n`);
  process.exitCode = thrown instanceof Failure ? thrown.exit : 1;
}
