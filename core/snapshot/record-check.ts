import type { Bucket } from './bbolt/bucket.ts';
import type { Damage } from './bbolt/damage.ts';
import type { Page } from './bbolt/page.ts';
import { KeyValueParser } from './key-value.ts';
import { NotProtobuf, readFields } from './protobuf.ts';
import { mainRevision, parseRevision, plainBytes } from './revision.ts';

/**
 * etcd's own rules for what it puts into its buckets: bbolt keeps any bytes, etcd writes few shapes. Where bbolt cannot notice that the last
 * element of a page has another length than was written, this does.
 */
export class RecordCheck {
  readonly #onDamage: (damage: Damage) => void;
  readonly #parser = new KeyValueParser();

  constructor(onDamage: (damage: Damage) => void) {
    this.#onDamage = onDamage;
  }

  /** A page of a bucket, branch or leaf. Unknown buckets may hold anything. */
  page(bucket: Bucket, page: Page): void {
    const { name } = bucket;
    for (let index = 0; index < page.count; index++) {
      const why = name === 'key' ? this.#revisionProblem(page, index) : recordProblem(name, page, index);
      if (why !== undefined) this.#onDamage(page.damageAt(index, why));
    }
  }

  #revisionProblem(page: Page, index: number): string | undefined {
    const [keyStart, keyEnd] = [page.keyStart(index), page.keyEnd(index)];
    const main = mainRevision(page.bytes, keyStart, keyEnd);
    if (main < 0) return `the key ${page.key(index).toString('hex')} is no revision`;
    if (page.kind === 'branch') return undefined;
    // `snapshot restore --bump-revision` marks the revision that it goes up to by a record of nothing.
    if (page.valueEnd(index) === keyEnd) return undefined;
    const parser = this.#parser;
    if (!parser.parse(page.bytes, keyEnd, page.valueEnd(index))) return `the value of revision ${main} is no KeyValue`;
    // A deletion's record holds the key alone.
    if (keyEnd - keyStart === plainBytes && parser.modRevision !== main)
      return `revision ${main} holds a value of revision ${parser.modRevision}`;
    return undefined;
  }
}

type Shape = (bytes: Buffer) => boolean;

const isNumber: Shape = (bytes) => bytes.length === 8;
const isRevision: Shape = (bytes) => parseRevision(bytes) !== undefined;
const isText: Shape = (bytes) => !bytes.includes(0);
const isMessage: Shape = (bytes) => {
  try {
    for (const field of readFields(bytes)) if (field.number === 0) return false;
    return true;
  } catch (thrown) {
    if (thrown instanceof NotProtobuf) return false;
    throw thrown;
  }
};
const isJson: Shape = (bytes) => {
  try {
    JSON.parse(bytes.toString('utf8'));
    return true;
  } catch {
    return false;
  }
};
const isHexId: Shape = (bytes) => /^[0-9a-f]{1,16}$/.test(bytes.toString('latin1'));
const isEmpty: Shape = (bytes) => bytes.length === 0;
const isFlag: Shape = (bytes) => bytes.length === 1 && (bytes[0] ?? 0) <= 1;
const isAnything: Shape = () => true;

/** What each bucket's keys and values look like, by etcd's schema (server/storage/schema). */
const records: Readonly<
  Record<string, { readonly key: Shape; readonly value: Shape | Readonly<Record<string, Shape>> }>
> = {
  lease: { key: isNumber, value: isMessage },
  meta: {
    key: isText,
    value: {
      consistent_index: isNumber,
      term: isNumber,
      scheduledCompactRev: isRevision,
      finishedCompactRev: isRevision,
      confState: isJson,
      storageVersion: isText,
    },
  },
  members: { key: isHexId, value: isJson },
  members_removed: { key: isHexId, value: isText },
  cluster: { key: isText, value: { clusterVersion: isText, downgrade: isJson } },
  alarm: { key: isMessage, value: isEmpty },
  auth: { key: isText, value: { authEnabled: isFlag, authRevision: isNumber } },
  authUsers: { key: isText, value: isMessage },
  authRoles: { key: isText, value: isMessage },
};

function recordProblem(bucket: string, page: Page, index: number): string | undefined {
  const shapes = records[bucket];
  if (shapes === undefined) return undefined;
  const key = page.key(index);
  const shown = JSON.stringify(isText(key) ? key.toString('utf8') : key.toString('hex'));
  if (!shapes.key(key)) return `${shown} is no key that etcd puts into the bucket "${bucket}"`;
  if (page.kind === 'branch') return undefined;
  const named = key.toString('utf8');
  if (typeof shapes.value !== 'function' && !(named in shapes.value))
    return `${shown} is no key that etcd puts into the bucket "${bucket}"`;
  const shape = typeof shapes.value === 'function' ? shapes.value : (shapes.value[named] ?? isAnything);
  return shape(page.value(index)) ? undefined : `the value of ${shown} in the bucket "${bucket}" makes no sense`;
}
