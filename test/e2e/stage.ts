/**
 * What every end-to-end test stands on: the healthy lab with the agents of this very build installed under the name `demo`, the built plugin
 * as the cluster's administrator, and a folder of its own.
 */
import { test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lab/command.ts';
import type { CommandResult } from '../lab/command.ts';
import { useLab } from '../lab/cluster.ts';
import type { Lab } from '../lab/cluster.ts';
import { loadAgentImage } from '../lab/load-image.ts';
import { checkout } from '../lab/where.ts';
import { runPlugin } from '../local/run-plugin.ts';
import type { Ran, RunOptions } from '../local/run-plugin.ts';
import type { StatusDocument } from '../../plugin/status/document.ts';

/** A case beyond the representatives: runs with `hack/test.sh --lab --all`. */
export const testAll = process.env['KUBECTL_ETCD_TEST_ALL'] === 'yes' ? test : test.skip;

/** One test on a cluster that has to get well again afterwards. */
export const caseTimeoutMs = 180_000;
export const clusterName = 'demo';
const bundledAgent = '/usr/local/lib/kubectl-etcd/kubectl-etcd-agent.cjs';

export interface Stage {
  readonly lab: Lab;
  /** A folder for the files of these tests. */
  readonly work: string;
  /** The plugin as the administrator; `environment` is added to that. */
  readonly plugin: (argv: readonly string[], options?: RunOptions) => Promise<Ran>;
  readonly status: (argv?: readonly string[]) => Promise<Ran & { readonly document: StatusDocument }>;
  /** kubectl as the administrator. @throws where it fails. */
  readonly kubectl: (...argv: string[]) => Promise<string>;
  /** The program that the agent has left on a node, as root there. */
  readonly there: (node: string, argv: readonly string[]) => Promise<CommandResult>;
  /** The access file that install has written. */
  readonly accessFile: string;
  /** A shell's line on a node. @throws where it fails. */
  readonly shell: (node: string, line: string) => Promise<string>;
  readonly install: () => Promise<Ran>;
  /** The API servers, etcd and the agents, all well again. */
  readonly untilWell: () => Promise<void>;
  /** Takes the folder away; the agents stay for the next test. */
  readonly close: () => Promise<void>;
}

export async function openStage(options: { readonly installed: boolean } = { installed: true }): Promise<Stage> {
  const lab = await useLab();
  const work = await mkdtemp('/tmp/kubectl-etcd-e2e-');
  // install writes an access file below the home directory, and every command looks for one there.
  const environment = { ...process.env, KUBECONFIG: lab.kubeconfig, HOME: join(work, 'home'), NO_COLOR: '1' };
  const plugin: Stage['plugin'] = (argv, more = {}) =>
    runPlugin(argv, { cwd: work, ...more, environment: { ...environment, ...more.environment } });
  const stage: Stage = {
    ...{ lab, work, plugin },
    status: async (argv = []) => {
      const ran = await plugin(['status', '-o', 'json', ...argv]);
      if (ran.stdout === '') throw new Error(`status said nothing but: ${ran.stderr}`);
      return { ...ran, document: JSON.parse(ran.stdout) as StatusDocument };
    },
    kubectl: async (...argv) => said(await lab.kubectl(argv), `kubectl ${argv.join(' ')}`),
    there: (node, argv) => lab.on(node, ['/usr/local/bin/kubectl-etcd', ...argv], { timeoutMs: 60_000 }),
    accessFile: join(environment.HOME, '.kube/kubectl-etcd', `${clusterName}.json`),
    shell: async (node, line) => said(await lab.on(node, ['sh', '-c', line]), `${node}: ${line}`),
    install: () => plugin(['install', '--name', clusterName]),
    untilWell: async () => {
      await lab.untilHealthy({ timeoutMs: 150_000 });
      const ran = await stage.install();
      if (ran.code !== 0) throw new Error(`the agents do not get well: ${ran.stdout}${ran.stderr}`);
    },
    close: () => rm(work, { recursive: true, force: true }),
  };
  await loadCurrentImage(stage);
  if (options.installed) await stage.untilWell();
  return stage;
}

function said({ stdout, stderr, code }: CommandResult, what: string): string {
  if (code !== 0) throw new Error(`${what} ended with exit code ${code}: ${stderr}${stdout}`);
  return stdout;
}

/** Pods keep the program that they began with, under one version while it is being written: those of another build go, with all of theirs. */
async function loadCurrentImage({ lab, plugin }: Stage): Promise<void> {
  const built = createHash('sha256')
    .update(await readFile(join(checkout, 'dist/kubectl-etcd-agent.cjs')))
    .digest('hex');
  const line = `for pid in $(pgrep -f '^/usr/local/bin/node ${bundledAgent} keep'); do sha256sum < /proc/$pid/root${bundledAgent}; done`;
  const running = await Promise.all(lab.nodes.map(({ name }) => lab.on(name, ['sh', '-c', line])));
  if (running.every(({ stdout }) => stdout === `${built}  -\n`)) return;
  await loadAgentImage(undefined);
  await plugin(['uninstall']);
}

/** The pod of the agent on a node. */
export async function agentPod({ kubectl }: Stage, node: string): Promise<string> {
  const selector = `--field-selector=spec.nodeName=${node}`;
  const pods = await kubectl('-n', 'kubectl-etcd', 'get', 'pods', selector, '-o', 'name');
  return pods.trim().replace('pod/', '');
}

/** The node of the leader, and one of a follower that the administrator's API server (on cp1, with cp1's etcd) does not stand on. */
export async function roles({ status }: Stage): Promise<{ leader: string; follower: string }> {
  const { members } = (await status()).document;
  const leader = members.find((member) => member.leader)?.node ?? '';
  return { leader, follower: leader === 'cp2' ? 'cp3' : 'cp2' };
}

/** An openssl command of this machine, with its standard output. */
export const openssl = (...argv: string[]): Promise<string> => run(['openssl', ...argv]);
