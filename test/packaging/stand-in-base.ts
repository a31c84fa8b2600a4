/**
 * A stand-in for the Dockerfile's base image, which only a registry could deliver: what matters of it here is Debian bookworm, Node.js 24
 * in /usr/local/bin, and npm.
 */
import { copyFile, cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, fingerprint } from '../lab/cache.ts';
import { run } from '../lab/command.ts';
import { mirrorOf } from '../lab/packages.ts';

const suite = 'bookworm';
const npm = 'npm@11.6.2';
const authorities = '/etc/ssl/certs/ca-certificates.crt';

/** The directory with the stand-in's files; made once a machine. */
export async function standInBase(): Promise<string> {
  return await cached({
    name: `node-base-${suite}-${await fingerprint([suite, npm, process.version])}`,
    what: "a stand-in for the image's base",
    async make({ directory, cgroup }) {
      const logFile = `${directory}.log`;
      await run(
        ['debootstrap', '--variant=minbase', '--include=ca-certificates', suite, directory, await mirrorOf(suite)],
        { logFile, cgroup },
      );
      await rm(join(directory, 'var/cache/apt/archives'), { recursive: true, force: true });
      // Device nodes are made by whoever starts a container.
      await rm(join(directory, 'dev'), { recursive: true, force: true });
      await mkdir(join(directory, 'dev'));
      await copyFile(process.execPath, join(directory, 'usr/local/bin/node'));
      await addNpm(directory);
      // The stand-in reaches what this machine reaches, and trusts whom it trusts.
      await copyFile(authorities, join(directory, authorities));
      const registry = (await run(['npm', 'config', 'get', 'registry'])).trim();
      await mkdir(join(directory, 'usr/local/etc'), { recursive: true });
      await writeFile(
        join(directory, 'usr/local/etc/npmrc'),
        `registry=${registry}\ncafile=${authorities}\nupdate-notifier=false\n`,
      );
      await writeFile(join(directory, 'etc/resolv.conf'), await readFile('/etc/resolv.conf'));
      await rm(logFile);
    },
  });
}

async function addNpm(directory: string): Promise<void> {
  const scratch = join(directory, 'npm');
  await mkdir(scratch);
  const archive = (await run(['npm', 'pack', npm, '--silent', '--pack-destination', scratch])).trim();
  await run(['tar', '--extract', '--gzip', '--file', join(scratch, archive), '--directory', scratch]);
  const modules = join(directory, 'usr/local/lib/node_modules');
  await mkdir(modules, { recursive: true });
  await cp(join(scratch, 'package'), join(modules, 'npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(directory, 'usr/local/bin/npm'));
  await rm(scratch, { recursive: true });
}
