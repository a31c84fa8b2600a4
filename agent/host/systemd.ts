import { spawn } from 'node:child_process';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { Failure, messageOf } from '../../core/failure.ts';
import type { EtcdProcess } from '../../core/protocol/messages.ts';
import { recogniseEtcd } from './command-line.ts';
import type { EtcdHost, EtcdOnHost, LogsWanted } from './host.ts';
import { plainLines } from './log-lines.ts';
import { processStart } from './proc.ts';
import { readInvocation } from './read-invocation.ts';
import type { HostRoot } from './root.ts';
import { expandWords, readEnvironmentFile, readUnit } from './systemd-unit.ts';

const unitName = 'etcd.service';
/** The first folder that has a unit hides those after it (systemd.unit(5)). */
const unitFolders = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];
/** What a restore changes. */
const initialCluster = [
  { variable: 'ETCD_INITIAL_CLUSTER', flag: /^--?initial-cluster(?:=|$)/ },
  { variable: 'ETCD_INITIAL_CLUSTER_STATE', flag: /^--?initial-cluster-state(?:=|$)/ },
];
/** cgroup v2, and v1's named hierarchy. */
const cgroupFiles = [
  '/sys/fs/cgroup/system.slice',
  '/sys/fs/cgroup/systemd/system.slice',
  '/sys/fs/cgroup/unified/system.slice',
];

/** The unit's file; undefined where there is none or it is masked (a link to /dev/null, or empty). */
export async function findUnit(root: HostRoot, name = unitName): Promise<string | undefined> {
  for (const folder of unitFolders) {
    const file = posix.join(folder, name);
    if ((await root.canonical(file)) === '/dev/null') return undefined;
    const text = await root.readTextIfThere(file);
    if (text !== undefined) return text.trim() === '' ? undefined : file;
  }
  return undefined;
}

/** etcd as a service of systemd. It is stopped and started by SystemdControl. */
export class SystemdEtcd implements EtcdHost {
  readonly #root: HostRoot;
  readonly #node: string;
  readonly #unit: string;

  constructor({ root, node, unit }: { readonly root: HostRoot; readonly node: string; readonly unit: string }) {
    this.#root = root;
    this.#node = node;
    this.#unit = unit;
  }

  async find(): Promise<EtcdOnHost> {
    const unit = readUnit([await this.#root.readText(this.#unit), ...(await this.#dropIns())]);
    if (unit === undefined) throw this.#unreadable('it has no ExecStart');
    const environment: Record<string, string> = { ...unit.environment };
    let environmentFile: string | undefined;
    for (const { path, optional } of unit.environmentFiles) {
      const text = optional ? await this.#root.readTextIfThere(path) : await this.#root.readText(path);
      const variables = readEnvironmentFile(text ?? '');
      if (initialCluster.some(({ variable }) => Object.hasOwn(variables, variable))) environmentFile = path;
      Object.assign(environment, variables);
    }
    const words = expandWords(unit.argv, environment);
    const invocation = recogniseEtcd(words);
    if (invocation.kind === 'other')
      throw this.#unreadable(`its ExecStart runs ${unit.argv[0] ?? 'nothing'}, not etcd itself`);
    const { etcd, tls, warnings } = await readInvocation({
      root: this.#root,
      source: this.#unit,
      invocation,
      environment,
      hostPath: (path) => posix.resolve(unit.workingDirectory, path),
    });
    const program = unit.argv[0]?.startsWith('/') === true ? { program: unit.argv[0] } : {};
    // etcd does not start with flag and variable both.
    const byFlag = words.some((word) => initialCluster.some(({ flag }) => flag.test(word)));
    const named = environmentFile === undefined || byFlag ? {} : { environmentFile };
    return { etcd: { host: 'systemd', source: this.#unit, ...etcd, ...program, ...named }, tls, warnings };
  }

  /** From the unit's cgroup, as systemd itself is not asked: running, or not. */
  async state(): Promise<EtcdProcess> {
    for (const folder of cgroupFiles) {
      const pids = await this.#root
        .readTextIfThere(posix.join(folder, unitName, 'cgroup.procs'))
        .catch(() => undefined);
      const pid = Number(pids?.split('\n')[0]);
      // A pid of 0 is a process that our own PID namespace does not see.
      if (!Number.isInteger(pid) || pid === 0) continue;
      const start = await processStart(this.#root, pid);
      return { state: 'running', pid, ...(start === undefined ? {} : { startedAt: start.startedAt }) };
    }
    return { state: 'exited' };
  }

  /** The unit's journal, read by the host's own journalctl: the format of the journal's files is systemd's business. */
  logs({ previous, tailLines, follow, signal }: LogsWanted): Readable {
    if (previous) {
      return failing(
        this.#noLog(
          'the journal does not tell one start of a unit from another',
          'without --previous: the whole journal',
        ),
      );
    }
    const words = [
      '-u',
      unitName,
      '-o',
      'cat',
      '--no-pager',
      ...(follow ? ['-f'] : []),
      '-n',
      tailLines === undefined ? 'all' : String(tailLines),
    ];
    return Readable.from(this.#journal(words, signal), { objectMode: true, highWaterMark: 1 });
  }

  async *#journal(words: readonly string[], signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    const [program = 'journalctl', ...before] = await this.#onHost('journalctl');
    const child = spawn(program, [...before, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    const stop = () => child.kill('SIGTERM');
    signal.addEventListener('abort', stop);
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint = `${complaint}${chunk.toString()}`.slice(-500)));
    const ended = new Promise<string | undefined>((resolve) => {
      child.once('error', (error) => resolve(messageOf(error)));
      child.once('close', (code) =>
        resolve(
          code === 0 || signal.aborted ? undefined : `journalctl ended with ${code ?? 'a signal'}: ${complaint.trim()}`,
        ),
      );
    });
    const decoder = plainLines();
    try {
      if (signal.aborted) return;
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        const lines = decoder.push(chunk);
        if (lines.length > 0) yield lines;
      }
      const why = await ended;
      if (why !== undefined) throw this.#noLog(why, `on the node: journalctl -u ${unitName}`);
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  /** How to run one of the host's programs. The agent's image has none, and the host's chroot needs the host's loader and libraries. */
  async #onHost(program: string): Promise<readonly string[]> {
    if (this.#root.isOwn) return [program];
    const arch = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
    const loader = process.arch === 'arm64' ? '/lib/ld-linux-aarch64.so.1' : '/lib64/ld-linux-x86-64.so.2';
    const libraries = [`/lib/${arch}-linux-gnu`, '/lib64', '/usr/lib64', '/lib'];
    const paths = await Promise.all(libraries.map((folder) => this.#root.here(folder)));
    const chroot = await this.#root.here('/usr/sbin/chroot');
    return [
      await this.#root.here(loader),
      '--library-path',
      paths.join(':'),
      chroot,
      await this.#root.here('/'),
      program,
    ];
  }

  async #dropIns(): Promise<readonly string[]> {
    // One name in several folders counts once, from the first; then all in the order of their names.
    const files = new Map<string, string>();
    for (const folder of unitFolders) {
      const inside = posix.join(folder, `${unitName}.d`);
      for (const name of (await this.#root.namesIn(inside)) ?? []) {
        if (name.endsWith('.conf') && !files.has(name)) files.set(name, posix.join(inside, name));
      }
    }
    const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
    return Promise.all(sorted.map(async ([, file]) => (await this.#root.readTextIfThere(file)) ?? ''));
  }

  #unreadable(why: string): Failure {
    return new Failure({
      reason: 'etcd-command-unreadable',
      what: `cannot tell etcd's options from ${this.#unit}`,
      node: this.#node,
      why,
      next: `on the node: systemctl cat ${unitName}`,
    });
  }

  #noLog(why: string, next: string): Failure {
    return new Failure({ reason: 'no-log', what: "cannot read etcd's journal", node: this.#node, why, next });
  }
}

function failing(failure: Failure): Readable {
  return new Readable({ read: () => undefined }).destroy(failure);
}
