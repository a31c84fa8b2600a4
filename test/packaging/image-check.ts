/**
 * hack/image-check: proves that the Dockerfile builds, on a stand-in for its base image, and that what comes out is what the lab's nodes
 * get: the same files in the same places. Takes one argument, the build context; the checkout unless given.
 */
import { mkdtemp, readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { Failure, messageOf } from '../../core/failure.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import { agentFiles, entrypoint, env, nodePath, runtimeLayer } from '../lab/agent-image.ts';
import { run } from '../lab/command.ts';
import { removeTree } from '../lab/mounts.ts';
import { installPackages } from '../lab/packages.ts';
import { say } from '../lab/progress.ts';
import { checkout } from '../lab/where.ts';
import { Buildah } from './buildah.ts';
import { standInBase } from './stand-in-base.ts';

const base = 'localhost/node:24-bookworm-slim';
const built = 'localhost/kubectl-etcd-agent:check';
const inspected = v.object({
  OCIv1: v.object({
    config: v.object({ Entrypoint: v.array(v.string()), Cmd: v.array(v.string()), Env: v.array(v.string()) }),
  }),
});

async function checkImage(context: string): Promise<void> {
  await installPackages(['buildah', 'debootstrap']);
  const rootDirectory = await standInBase();
  const scratch = await mkdtemp(join(tmpdir(), 'kubectl-etcd-image-'));
  try {
    const buildah = await Buildah.in(scratch);
    await buildah.imageOf(rootDirectory, base);
    say('building the image');
    await buildah.build({ context, name: built });
    const container = await buildah.do('from', '--pull-never', built);
    const image = await buildah.do('mount', container);
    await compareFiles(image);
    await compareConfiguration(buildah);
    await startProgram(image);
    await buildah.do('umount', container);
  } finally {
    await removeTree(scratch);
  }
}

async function compareFiles(image: string): Promise<void> {
  const expected = [...(await runtimeLayer()), ...agentFiles].map(({ path }) => path).sort();
  const found = await leavesOf(image);
  const missing = expected.filter((path) => !found.includes(path));
  const unexpected = found.filter((path) => !expected.includes(path));
  if (missing.length > 0 || unexpected.length > 0) {
    throw failure(
      `the Dockerfile's image lacks [${missing.join(' ')}] and has [${unexpected.join(' ')}] beyond the lab's`,
    );
  }
  const temporary = (await stat(join(image, 'tmp'))).mode & 0o7777;
  if (temporary !== 0o1777) throw failure(`/tmp in the image has mode ${temporary.toString(8)}`);
  say(`the image has the lab's ${found.length} files`);
}

/** Everything in a tree that is no directory, and the directories with nothing in them. */
async function leavesOf(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const parents = new Set(entries.map((entry) => entry.parentPath));
  return entries
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(({ entry, path }) => !entry.isDirectory() || !parents.has(path))
    .map(({ path }) => `/${relative(root, path)}`)
    .sort();
}

async function compareConfiguration(buildah: Buildah): Promise<void> {
  const about = await buildah.do('inspect', '--type', 'image', built);
  const { config } = decodeJson(inspected, about, { what: 'what buildah says of the image' }).OCIv1;
  const expected = { Entrypoint: entrypoint, Cmd: ['serve'], Env: env };
  if (!isDeepStrictEqual(config, expected))
    throw failure(`it runs as ${JSON.stringify(config)}, not as ${JSON.stringify(expected)}`);
}

/** With nothing of this machine in sight: it starts only when every shared library is there. */
async function startProgram(image: string): Promise<void> {
  const program = '/usr/local/lib/kubectl-etcd/kubectl-etcd.cjs';
  const help = await run(['chroot', image, nodePath, program, '--help'], {
    env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin' },
  });
  if (!help.includes('Usage:')) throw failure(`kubectl-etcd --help in the image says: ${help}`);
  say('the programs start in it');
}

function failure(why: string): Failure {
  return new Failure({ reason: 'image-differs', what: 'the image is not as it should be', why });
}

try {
  await checkImage(process.argv[2] ?? checkout);
} catch (thrown) {
  process.stderr.write(`error: ${messageOf(thrown)}\n`);
  process.exitCode = 1;
}
