/** Debian packages: installed on this machine, or unpacked beside it from another release. The mirror is the machine's own. */
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { attempt, run } from './command.ts';
import { say } from './progress.ts';

/** What every verb that makes nodes needs of this machine. */
export const labPackages = [
  'systemd-container',
  'debootstrap',
  'iproute2',
  'gcc',
  'libc6-dev',
  'openssl',
  'util-linux',
  'procps',
];

/** Installs what is missing; does not ask apt at all where nothing is. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const listed = await attempt(['dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n', ...packages]);
  const installed = new Set(
    listed.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  const missing = packages.filter((name) => !installed.has(name));
  if (missing.length === 0) return;
  say(`installing ${missing.join(', ')}`);
  const install = [
    'apt-get',
    '-q',
    '-y',
    '-oDPkg::Lock::Timeout=300',
    'install',
    '--no-install-recommends',
    ...missing,
  ];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  if ((await attempt(install, { env })).code === 0) return;
  // a new machine has no lists of packages, an old one lists what the mirror has no more
  await run(['apt-get', '-q', '-oDPkg::Lock::Timeout=300', 'update']);
  await run(install, { env });
}

/** The mirror that this machine's apt takes the given release from, as `http://HOST/debian/`. */
export async function mirrorOf(suite: string): Promise<string> {
  const sources = await run(['apt-get', 'indextargets', '--format', '$(RELEASE) $(REPO_URI)', 'Created-By: Packages']);
  const [line] = sources.split('\n').filter((source) => source.startsWith(`${suite} `));
  const mirror = line?.split(' ')[1];
  if (mirror !== undefined) return mirror;
  throw new Failure({
    reason: 'no-mirror',
    what: `this machine's apt has no source for Debian's ${suite}`,
    next: 'the lab runs on Debian 12; see /etc/apt/sources.list.d',
  });
}

/** Unpacks packages of any release into a directory, without their dependencies; the system's own apt state stays as it is. */
export async function unpackPackages(options: {
  readonly suite: string;
  readonly packages: readonly string[];
  readonly into: string;
}): Promise<void> {
  await withApt({ suite: options.suite, type: 'deb' }, async (apt, directory) => {
    await run([...apt, 'download', ...options.packages], { cwd: directory });
    await mkdir(options.into, { recursive: true });
    for (const file of await readdir(directory)) {
      if (file.endsWith('.deb')) await run(['dpkg', '-x', join(directory, file), options.into]);
    }
  });
}

/** Downloads a source package's files into a directory. */
export async function downloadSource(options: {
  readonly suite: string;
  readonly source: string;
  readonly into: string;
}): Promise<void> {
  await mkdir(options.into, { recursive: true });
  await withApt({ suite: options.suite, type: 'deb-src' }, (apt) =>
    run([...apt, 'source', '--download-only', options.source], { cwd: options.into }),
  );
}

/** An apt of our own, that knows one release and has its state in a temporary directory; the machine's proxies and mirrors apply. */
async function withApt(
  source: { readonly suite: string; readonly type: 'deb' | 'deb-src' },
  use: (apt: readonly string[], directory: string) => Promise<unknown>,
): Promise<void> {
  const mirror = await mirrorOf(await hostSuite());
  const directory = await mkdtemp(join(tmpdir(), 'kubectl-etcd-lab-apt-'));
  try {
    for (const path of ['state/lists/partial', 'cache/archives/partial', 'etc/preferences.d', 'etc/sources.list.d']) {
      await mkdir(join(directory, path), { recursive: true });
    }
    const list = `${source.type} [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} ${source.suite} main\n`;
    await writeFile(join(directory, 'etc/sources.list'), list);
    const where = { 'Dir::State': 'state', 'Dir::Cache': 'cache', 'Dir::Etc': 'etc' };
    const settings = Object.entries(where).map(([name, path]) => `-o${name}=${join(directory, path)}`);
    const apt = ['apt-get', '-q', ...settings, '-oDir::State::status=/dev/null', '-oAPT::Sandbox::User=root'];
    await run([...apt, 'update']);
    await use(apt, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function hostSuite(): Promise<string> {
  return /^VERSION_CODENAME=(.*)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1] ?? '';
}
