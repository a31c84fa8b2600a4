/** What every test of a restore on the lab has: a snapshot, what comes after it, and how a cluster is to look that was restored. */
import { expect } from '@jest/globals';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ran } from '../local/run-plugin.ts';
import { clusterName, openStage } from './stage.ts';
import type { Stage } from './stage.ts';

export const restoreCaseMs = 400_000;
export const consent = ['--yes', '--cluster-name', clusterName];
const manifests = 'etcd.yaml kube-apiserver.yaml kube-controller-manager.yaml kube-scheduler.yaml';
/** What a cluster is restored to in these tests, and what comes after it. */
export const before = 'restore-before';
const later = 'restore-later';

/** What a restore with `-o json` says of itself. */
export interface Report {
  readonly operation: string;
  readonly wholeMs: number;
  readonly apiServerDownMs: number;
  readonly etcdDownMs: number;
  readonly warnings: readonly string[];
  readonly aftermath: readonly { readonly what: string; readonly next?: string }[];
}

/** A stage with a snapshot of it. */
export class Restoring {
  readonly stage: Stage;
  readonly nodes: readonly string[];
  /** What is restored. */
  snapshot: string;

  private constructor(stage: Stage, snapshot: string) {
    this.stage = stage;
    this.snapshot = snapshot;
    this.nodes = stage.lab.nodes.map(({ name }) => name);
  }

  static async open(): Promise<Restoring> {
    const stage = await openStage();
    await stage.kubectl('create', 'namespace', before);
    await stage.kubectl('-n', before, 'create', 'configmap', 'kept', '--from-literal=a=b');
    const snapshot = join(stage.work, 'before.db');
    done(await stage.plugin(['snapshot', 'save', snapshot]));
    return new Restoring(stage, snapshot);
  }

  /** Between two cases: as they all begin. */
  async tidy(): Promise<void> {
    await this.stage.untilWell();
    await this.stage.kubectl('-n', 'default', 'delete', 'configmap', later, '--ignore-not-found');
  }

  async close(): Promise<void> {
    const { stage } = this;
    await stage.untilWell();
    await stage.kubectl('delete', 'namespace', before, '--ignore-not-found');
    await stage.plugin(['kept', 'delete', '--all', ...consent]);
    // What is left of them is history, which outlives an uninstall.
    for (const node of this.nodes) await stage.shell(node, 'rm -rf /var/lib/kubectl-etcd/operations');
    await stage.close();
  }

  async restore(...flags: string[]): Promise<Ran> {
    return this.stage.plugin(['restore', this.snapshot, ...consent, ...flags]);
  }

  async writeLater(): Promise<void> {
    await this.stage.kubectl('-n', 'default', 'create', 'configmap', later, '--from-literal=a=b');
  }

  async laterIsThere(): Promise<boolean> {
    return (await this.stage.kubectl('-n', 'default', 'get', 'configmaps', '-o', 'name')).includes(later);
  }

  /** The snapshot is served, nothing of later is, and everything is as a cluster should be. */
  async expectRestored(ran: Ran): Promise<void> {
    done(ran);
    await this.expectServed();
    await this.expectWell();
  }

  async expectServed(): Promise<void> {
    const kept = await this.stage.kubectl('-n', before, 'get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}');
    expect({ kept, later: await this.laterIsThere() }).toEqual({ kept: 'b', later: false });
  }

  async expectWell(): Promise<void> {
    const { stage } = this;
    await stage.lab.untilHealthy({ timeoutMs: 150_000 });
    expect((await stage.plugin(['status', '--access', stage.accessFile])).code).toBe(0);
    for (const node of this.nodes) expect(await this.manifestsOn(node)).toBe(manifests);
    expect(await this.openOperation()).toBe('');
  }

  async manifestsOn(node: string): Promise<string> {
    return (await this.stage.shell(node, 'ls -A /etc/kubernetes/manifests')).trim().split('\n').join(' ');
  }

  /** Runs a restore, and does something to it or to the world as soon as a node's journal says that a step has begun. */
  async whenBegun(step: string, what: (kill: (signal?: NodeJS.Signals) => void) => Promise<unknown>): Promise<Ran> {
    const { stage } = this;
    const known = await stage.shell('cp1', 'ls /var/lib/kubectl-etcd/operations 2> /dev/null || true');
    const node = step.split('.')[1] ?? '';
    let happened: Promise<unknown> | undefined;
    const ran = await stage.plugin(['restore', this.snapshot, ...consent, '-o', 'json'], {
      meanwhile: (child) => {
        const look =
          `for i in $(seq 3000); do for d in /var/lib/kubectl-etcd/operations/r-*; do case "${known.replaceAll('\n', ' ')}" in ` +
          `*$(basename $d)*) ;; *) grep -qs '"begun","step":"${step}"' $d/journal.jsonl && exit 0;; esac; done; sleep 0.02; done; exit 1`;
        happened = stage.shell(node, look).then(() => what((signal = 'SIGKILL') => void child.kill(signal)));
      },
    });
    await happened;
    return ran;
  }

  /** The one that is not closed, as the first of these nodes that answers knows it; empty where there is none. */
  async openOperation(): Promise<string> {
    const listed = await this.stage.plugin(['operation', 'list', '-o', 'json', '--access', this.stage.accessFile]);
    const { operations } = JSON.parse(listed.stdout) as { operations: { id: string; open: boolean }[] };
    return operations.find(({ open }) => open)?.id ?? '';
  }

  /** A node that has just booted takes a while until its agent answers. */
  async resumed(): Promise<Ran> {
    for (let attempt = 1; ; attempt += 1) {
      const id = await this.openOperation();
      const ran = await this.stage.plugin(['operation', 'resume', id, '--access', this.stage.accessFile, '-o', 'json']);
      if (ran.code === 0 || attempt === 12) return ran;
      // It had not been sent to any node: nothing was touched, and it is begun anew.
      if (ran.stderr.includes('the snapshot has not arrived')) return this.restore('-o', 'json');
      await sleep(5_000);
    }
  }
}

/** Into the log of the tests: what a case has cost. */
export function say(what: string, ran: Ran): void {
  const { apiServerDownMs, etcdDownMs, wholeMs } = JSON.parse(ran.stdout) as Report;
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  process.stderr.write(
    `    ${what}: API server down ${seconds(apiServerDownMs)} s, etcd down ${seconds(etcdDownMs)} s, whole ${seconds(wholeMs)} s\n`,
  );
}

/** Nothing but that. */
export function kills(kill: () => void): Promise<void> {
  kill();
  return Promise.resolve();
}

export function done({ code, stdout, stderr }: Ran): void {
  if (code !== 0) throw new Error(`exit code ${code}: ${stdout}${stderr}`);
}
