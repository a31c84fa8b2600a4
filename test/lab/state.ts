/** What the lab's directory says about the running lab; the machine itself is asked for everything else. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { number, object, optional, picklist } from 'valibot';
import type { InferOutput } from 'valibot';
import { Failure, systemCode } from '../../core/failure.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import { probeStyles } from './etcd-probes.ts';
import { etcdVersions, labDirectory } from './where.ts';

const schema = object({
  count: number(),
  etcd: picklist(etcdVersions),
  probes: optional(picklist(probeStyles), 'health'),
  /** `starting` until everything was healthy once: a lab that is still `starting` when a verb begins was left so by a crash. */
  phase: picklist(['starting', 'ready']),
});
export type LabState = InferOutput<typeof schema>;

const path = join(labDirectory, 'lab.json');

/** Undefined where there is no lab. @throws {Failure} `protocol-mismatch` where the file is not ours. */
export async function readState(): Promise<LabState | undefined> {
  try {
    return decodeJson(schema, await readFile(path, 'utf8'), { what: path });
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

/** The lab that there is. @throws {Failure} `no-lab` */
export async function currentState(): Promise<LabState> {
  const state = await readState();
  if (state !== undefined) return state;
  throw new Failure({ reason: 'no-lab', what: 'there is no lab on this machine', next: 'hack/lab up' });
}

export async function writeState(state: LabState): Promise<void> {
  await mkdir(labDirectory, { recursive: true, mode: 0o700 });
  await writeFile(`${path}.part`, `${JSON.stringify(state)}\n`);
  await rename(`${path}.part`, path);
}
