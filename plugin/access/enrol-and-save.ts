import { join } from 'node:path';
import type { NetworkAccess } from '../../core/access/access-file.ts';
import { readCertificate } from '../../core/access/read-certificate.ts';
import { presentNodes } from '../../core/access/register.ts';
import type { ApiServer } from '../../core/access/register.ts';
import type { Failure } from '../../core/failure.ts';
import type { Reach } from '../link/reach.ts';
import { accessDirectory, accessFiles, usualHolder } from './access-directory.ts';
import type { FoundAccess } from './access-directory.ts';
import { enrol } from './enrol.ts';
import { issueAccess, writeAccessFile } from './issue-access.ts';

export interface EnrolledAndSaved {
  /** Nodes that can be reached without the API server now. */
  readonly enrolled: readonly string[];
  readonly failures: ReadonlyMap<string, Failure>;
  readonly file: FoundAccess;
  /** Whether the file was written just now; else it was there, and good for long enough. */
  readonly written: boolean;
}

/**
 * What `install` does once the agents answer: enrols their nodes, and sees that whoever installs has an access file that is good. One that is two
 * thirds through its life is replaced; one of the same name that is another cluster's is left alone.
 * @throws {Failure} `two-authorities`; what issueAccess and writeAccessFile throw.
 */
export async function enrolAndSave(options: {
  readonly reach: Reach;
  readonly clusterName: string;
  readonly apiServer: ApiServer | undefined;
  readonly lifeSeconds: number;
  readonly signal: AbortSignal;
  readonly directory?: string;
}): Promise<EnrolledAndSaved> {
  const { reach, clusterName, apiServer, lifeSeconds, signal, directory = accessDirectory() } = options;
  const { authority, register, failures } = await enrol({ reach, clusterName, apiServer, signal });
  const enrolled = presentNodes(register).map(({ name }) => name);
  const { found } = await accessFiles(directory);
  const revoked = new Set(register.revocations.map(({ serial }) => serial));
  const good = found.find(({ access }) => access.authority === authority && isGoodForLong(access, revoked));
  if (good !== undefined) return { enrolled, failures, file: good, written: false };

  const { access } = await issueAccess({ reach, holder: usualHolder(), lifeSeconds, apiServer, signal });
  const path = pathFor(access, found, directory);
  await writeAccessFile(path, access, 'always');
  return { enrolled, failures, file: { path, access }, written: true };
}

function isGoodForLong({ certificate, issuedAt, expiresAt }: NetworkAccess, revoked: ReadonlySet<string>): boolean {
  if (revoked.has(readCertificate(certificate).serial)) return false;
  const [fromMs, untilMs] = [Date.parse(issuedAt), Date.parse(expiresAt)];
  return Date.now() < fromMs + (untilMs - fromMs) * (2 / 3);
}

/** Clusters are called alike more often than one would think. */
function pathFor(access: NetworkAccess, found: readonly FoundAccess[], directory: string): string {
  const usual = join(directory, `${access.cluster.name}.json`);
  const there = found.find(({ path }) => path === usual);
  const isSame = there?.access.authority === access.authority || there?.access.cluster.uid === access.cluster.uid;
  if (there === undefined || isSame) return usual;
  return join(directory, `${access.cluster.name}-${(access.cluster.uid ?? access.holder).slice(0, 8)}.json`);
}
