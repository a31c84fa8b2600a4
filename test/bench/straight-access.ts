/** The built plugin on its way past the API server, as somebody who has an access file of his own for as long as it is measured. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from '../lab/cluster.ts';
import { pluginProgram } from '../local/local-cluster.ts';
import { cleaningUp } from './cleaning-up.ts';
import { runTimed } from './run-timed.ts';
import type { TimedRun } from './run-timed.ts';

const holder = 'bench';

/** Runs `kubectl etcd` with the access file. @throws {Error} for any exit code that is not among `exits` (0), with what it said. */
export type Straight = (argv: readonly string[], exits?: readonly number[]) => Promise<TimedRun>;

/** @param work is given the path of the access file too; it is revoked afterwards. */
export async function withAccess<Value>(
  { lab, directory }: { readonly lab: Lab; readonly directory: string },
  work: (straight: Straight, accessFile: string) => Promise<Value>,
): Promise<Value> {
  const file = join(directory, 'access.json');
  const throughApi = { env: { ...process.env, KUBECONFIG: lab.kubeconfig } };
  await runTimed([pluginProgram, 'access', 'save', file, '--force', '--name', holder, '--life', '1d'], throughApi);
  // What it remembers of snapshots goes with the folder.
  const env = { ...process.env, XDG_CACHE_HOME: join(directory, 'cache') };
  return await cleaningUp(
    () => work((argv, exits = [0]) => runTimed([pluginProgram, ...argv, '--access', file], { env, exits }), file),
    async () => {
      await runTimed([pluginProgram, 'access', 'revoke', holder], throughApi);
      await rm(file, { force: true });
    },
  );
}
