/** Why an etcd does not run, told from the last words of its log, and what that calls for. Pure. */
import type { NodeExamination } from '../../core/examination/messages.ts';

/**
 * `certificates`, `disk-full`, `operation`, `fenced`, `no-manifest`, `port`, `memory`: the data is not to blame, and it comes back when that is mended.
 * `data-damaged`, `data-missing`, `not-a-member`: its data is of no more use here. `silent`: it runs and says nothing. `stopped`: nobody knows why.
 */
export type Ailment =
  | 'certificates'
  | 'disk-full'
  | 'operation'
  | 'fenced'
  | 'no-manifest'
  | 'port'
  | 'memory'
  | 'data-damaged'
  | 'data-missing'
  | 'not-a-member'
  | 'silent'
  | 'stopped';

export interface Stopped {
  readonly ailment: Ailment;
  /** As a clause after the node's name: `cp3's etcd exits: "walpb: crc mismatch" (6 restarts)`. */
  readonly text: string;
}

/** etcd's own words and Go's, in the order in which they count (etcd 3.4 to 3.6). */
const words: readonly (readonly [RegExp, Ailment])[] = [
  [/no space left on device|disk quota exceeded|read-only file system/i, 'disk-full'],
  [
    /certificate has expired|not yet valid|x509:|tls: (?:bad|failed)|failed to find any PEM data|private key does not match|open \S+\.(?:crt|key|pem): no such file/i,
    'certificates',
  ],
  [/address already in use|already locked|flocked by another process|resource temporarily unavailable/i, 'port'],
  [/out of memory|cannot allocate memory/i, 'memory'],
  [
    /permanently removed|not part of the cluster|member .* has already been bootstrapped|member count is unequal|couldn't find local name|cluster ID mismatch|mismatch(?:ed)? (?:member|cluster)|cannot fetch cluster info from peer urls/i,
    'not-a-member',
  ],
  [
    /crc mismatch|walpb|wal: |file not found \(wal\)|snap(?:shot)? (?:file )?(?:doesn't exist|not found)|invalid (?:database|freelist|checksum)|checksum (?:mismatch|error)|failed to (?:open|recover|read|find) (?:database|WAL|v3 backend|snapshot)|database (?:snapshot )?file|(?:freepages|page \d+)\b.*(?:invalid|already freed|type|references|unreachable|reachable)|unexpected page|corrupt|unexpected fault address|index out of range|assertion failed|slice bounds out of range/i,
    'data-damaged',
  ],
];

/** Undefined where it answers. */
export function whyStopped(examination: NodeExamination): Stopped | undefined {
  const { noEtcd, process, silent, disk, openOperation, fencedBy, member, certificates } = examination;
  if (member !== undefined) return undefined;
  const runs = process?.state === 'running';
  const { restarts = 0, lastError, exitCode: code } = process ?? {};
  const often = restarts > 0 ? ` (${restarts} ${restarts === 1 ? 'restart' : 'restarts'})` : '';
  const said = runs || lastError === undefined ? undefined : `etcd exits: "${lastError}"${often}`;
  if (fencedBy !== undefined) return { ailment: 'fenced', text: `it is fenced by ${fencedBy}` };
  if (openOperation !== undefined && !runs)
    return { ailment: 'operation', text: `the operation ${openOperation.id} keeps etcd stopped` };
  if (noEtcd !== undefined) {
    const ailment = noEtcd.reason === 'etcd-not-found' ? 'no-manifest' : 'stopped';
    return { ailment, text: [noEtcd.what, noEtcd.why].filter(Boolean).join(': ') };
  }
  const expired = certificates.find(
    ({ role, facts }) => role.startsWith('etcd-') && facts !== undefined && facts.notAfter < examination.answeredAt,
  );
  if (!runs && disk?.hasMember === false)
    return { ailment: 'data-missing', text: `${said ?? 'etcd does not run'}; there is no data in ${disk.dataDir}` };
  const matched = said === undefined ? undefined : words.find(([pattern]) => pattern.test(said))?.[1];
  if (expired !== undefined && (matched === undefined || matched === 'certificates'))
    return {
      ailment: 'certificates',
      text: `${expired.file} has expired${runs ? '' : `; ${said ?? 'etcd does not run'}`}`,
    };
  if (disk !== undefined && !runs && disk.freeBytes < fullBytes && matched === undefined)
    return { ailment: 'disk-full', text: `${said ?? 'etcd does not run'}; the disk of ${disk.dataDir} is full` };
  if (silent?.reason.startsWith('certificate-') === true)
    return { ailment: 'certificates', text: [silent.what, silent.why].filter(Boolean).join(': ') };
  if (runs) return { ailment: 'silent', text: `etcd runs and does not answer${because(silent?.why ?? silent?.what)}` };
  if (said !== undefined) return { ailment: matched ?? 'stopped', text: said };
  if (process?.state === 'exited')
    return { ailment: 'stopped', text: `etcd has exited${code === undefined ? '' : ` with ${code}`}${often}` };
  if (process?.state === 'unknown') return { ailment: 'stopped', text: `etcd does not answer${because(silent?.why)}` };
  return { ailment: 'stopped', text: 'etcd does not run' };
}

const fullBytes = 16 * 1024 * 1024;

function because(why: string | undefined): string {
  return why === undefined ? '' : ` (${why})`;
}

/** Whether the member comes back with its data when something beside it is mended. */
export function comesBack(ailment: Ailment): boolean {
  return !['data-damaged', 'data-missing', 'not-a-member', 'fenced'].includes(ailment);
}

/** What to do about it on this node, while there is a quorum. */
export function mendingOf(
  node: string,
  { ailment }: Stopped,
  { disk, openOperation, etcd }: NodeExamination,
): string[] {
  const rejoin = `kubectl etcd member rejoin ${node}`;
  switch (ailment) {
    case 'certificates':
      return [`kubectl etcd certs renew ${node}`];
    case 'disk-full':
      return [
        `on ${node}: make room on the file system of ${disk?.dataDir ?? "etcd's data"}; df -h ${disk?.dataDir ?? '/var/lib/etcd'}`,
      ];
    case 'operation':
      return openOperation === undefined ? [] : operationCommands(openOperation);
    case 'no-manifest':
      return [
        `kubectl etcd logs ${node}`,
        `on ${node}: put etcd's manifest back, if it was moved away; else: ${rejoin}`,
      ];
    case 'port':
      return [
        `on ${node}: ss -ltnp 'sport = :2379 or sport = :2380'; ps -ef | grep [e]tcd shows who has taken etcd's ports, or holds its data`,
      ];
    case 'memory':
      return [`on ${node}: free -m; journalctl -k | grep -i oom shows what takes the memory`];
    case 'data-damaged':
    case 'data-missing':
    case 'not-a-member':
    case 'fenced':
      return [rejoin];
    case 'silent':
      return [
        `kubectl etcd logs ${node}`,
        `on ${node}: top; iostat -x 1: is it short of processor, or its disk stuck?`,
      ];
    case 'stopped':
      return [
        `kubectl etcd logs ${node}`,
        ...(etcd?.host === 'systemd' ? [`on ${node}: systemctl status etcd; systemctl start etcd`] : []),
        ...(etcd?.host === 'static-pod' ? [`on ${node}: journalctl -u kubelet -n 50`] : []),
      ];
  }
}

export function operationCommands({ id, undoing }: NonNullable<NodeExamination['openOperation']>): string[] {
  const rollback = `kubectl etcd operation rollback ${id}`;
  return [`kubectl etcd operation show ${id}`, ...(undoing ? [] : [`kubectl etcd operation resume ${id}`]), rollback];
}
