import { exitCode } from '../../core/failure.ts';
import type { ExitCode } from '../../core/failure.ts';
import type { SnapshotManifest } from '../../core/snapshot/manifest.ts';
import { readStatus } from '../../core/snapshot/status.ts';
import type { SnapshotStatus } from '../../core/snapshot/status.ts';
import type { Surroundings } from '../commands/surroundings.ts';
import { formatValue, parseOutputFormat } from '../report/output.ts';
import { formatShare, formatSize } from '../report/units.ts';
import { readSnapshotFile } from './open-snapshot.ts';

/** `snapshot status`: one scan; the first lines are etcdutl's four figures, then what it does not say. */
export async function runFileStatus(options: {
  readonly file: string;
  readonly flags: { readonly output?: string };
  readonly surroundings: Surroundings;
}): Promise<ExitCode> {
  const { file, flags, surroundings } = options;
  const { terminal, signal } = surroundings;
  const format = parseOutputFormat(flags.output, ['json', 'yaml']);
  const { status, manifest } = await readSnapshotFile(
    file,
    'reading',
    surroundings,
    async ({ source, manifest: beside, progress }) => ({
      manifest: beside,
      status: await readStatus(source, { signal, onProgress: (done, total) => progress.bytes(done, total) }),
    }),
  );
  if (format === 'json' || format === 'yaml') terminal.print(formatValue(document(file, status, manifest), format));
  else
    terminal.print(
      lines(status, manifest)
        .map(([label, value]) => `${label.padEnd(21)}${value}\n`)
        .join(''),
    );
  return exitCode.done;
}

/** The first four fields are etcdutl's own, by its names. */
function document(file: string, status: SnapshotStatus, manifest: SnapshotManifest | undefined): object {
  const { summary, hash, totalEntries, ...rest } = status;
  const { revision, databaseBytes, storageVersion, ...more } = summary;
  return {
    hash,
    revision,
    totalKey: totalEntries,
    totalSize: databaseBytes,
    version: storageVersion ?? '',
    file,
    ...rest,
    ...more,
    cluster: manifest?.cluster,
    etcdVersion: manifest?.etcdVersion,
    time: manifest?.time,
  };
}

function lines(status: SnapshotStatus, manifest: SnapshotManifest | undefined): [label: string, value: string][] {
  const { summary, hash, liveKeys, revisions, totalEntries, freePages, usedPages, encryption, leases } = status;
  const { pageBytes, databaseBytes, alarms, members, removedMembers } = summary;
  const compacted =
    summary.compactedRevision === undefined ? 'never compacted' : `compacted at ${summary.compactedRevision}`;
  const ongoing = (summary.scheduledCompactRevision ?? 0) > (summary.compactedRevision ?? 0);
  const found: [string, string][] = [
    ['HASH', hash.toString(16)],
    [
      'REVISION',
      `${summary.revision} (${compacted}${ongoing ? `, being compacted at ${summary.scheduledCompactRevision ?? ''}` : ''})`,
    ],
    ['LIVE KEYS', `${liveKeys} (etcdutl 3.6 counts these)`],
    [
      'TOTAL KEYS',
      `${totalEntries} (etcdutl 3.4 and 3.5 count these: ${revisions} revisions and ${totalEntries - revisions} records of etcd's own)`,
    ],
    [
      'SIZE',
      `${formatSize(databaseBytes)}, ${formatShare(usedPages * pageBytes, databaseBytes)} in use, ${formatSize(freePages * pageBytes)} free`,
    ],
    ['RAFT', `index ${summary.consistentIndex ?? 'unknown'}, term ${summary.term ?? 'not kept before 3.5'}`],
    ['VERSION', `cluster ${summary.clusterVersion ?? 'unknown'}, storage ${summary.storageVersion ?? 'before 3.6'}`],
    ['LEASES', String(leases)],
    ['AUTH', summary.authEnabled ? 'enabled' : 'disabled'],
    [
      'ALARMS',
      alarms.length === 0 ? 'none' : alarms.map(({ alarm, memberId }) => `${alarm} on ${memberId}`).join(', '),
    ],
    ['ENCRYPTION', encryption.length === 0 ? 'none found' : encryption.map(encryptionText).join(', ')],
  ];
  for (const { id, name, learner, peerUrls } of members)
    found.push([
      'MEMBER',
      `${id} ${name === '' ? '(never started)' : name}${learner ? ' (learner)' : ''} ${peerUrls.join(',')}`,
    ]);
  if (removedMembers.length > 0) found.push(['REMOVED MEMBERS', removedMembers.join(', ')]);
  if (manifest !== undefined) {
    const { name, uid, etcdClusterId } = manifest.cluster;
    found.push(['CLUSTER', `${name}${uid === undefined ? '' : `, kube-system ${uid}`}, etcd ${etcdClusterId}`]);
    found.push(['SAVED', `${manifest.time} from ${manifest.node}, etcd ${manifest.etcdVersion}`]);
  }
  return found;
}

function encryptionText({ provider, keyName, revisions }: SnapshotStatus['encryption'][number]): string {
  return `${provider}${keyName === undefined ? '' : ` with key ${keyName}`} (${revisions} ${revisions === 1 ? 'revision' : 'revisions'})`;
}
