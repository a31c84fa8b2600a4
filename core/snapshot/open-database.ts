import { Failure } from '../failure.ts';
import { Database } from './bbolt/database.ts';
import { looksLike, telltaleBytes } from './looks-like.ts';
import type { RandomAccess } from './source.ts';

/**
 * Opens a snapshot's database; of what is none it says what it looks like instead.
 * @throws {Failure} `not-a-database`
 */
export async function openDatabase(source: RandomAccess): Promise<Database> {
  try {
    return await Database.open(source);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.reason !== 'not-a-database') throw thrown;
    const kind = looksLike(await source.read(0, Math.min(telltaleBytes, source.sizeBytes)));
    const why = source.sizeBytes === 0 ? 'it is empty' : kind === undefined ? thrown.why : `it looks like ${kind}`;
    if (why === undefined) throw thrown;
    const { reason, what, next } = thrown;
    throw new Failure({
      reason,
      what,
      why,
      ...(next === undefined || kind !== undefined ? {} : { next }),
      cause: thrown,
    });
  }
}
