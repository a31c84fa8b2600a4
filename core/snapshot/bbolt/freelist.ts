import type { Database } from './database.ts';
import { Damage } from './damage.ts';
import { pageFlag, pageHeadBytes, readPageId } from './format.ts';
import type { PageSet } from './page-set.ts';

/** From this count on, the count is the first entry of the list. */
const countInList = 0xffff;
const entryBytes = 8;
const readBytes = 1024 * 1024;

/**
 * Reads the freelist, where bbolt keeps one on disk, and checks every entry: ascending, inside the database, not in use. Marks its own pages
 * in `used` and the free ones in `free`.
 * @param onDamage called with each thing that is wrong.
 */
export async function checkFreelist(
  database: Database,
  sets: { readonly used: PageSet; readonly free: PageSet },
  onDamage: (damage: Damage) => void,
): Promise<void> {
  const { pages, meta } = database;
  const { freelist: page } = meta;
  if (page === undefined) return;
  const start = pages.offsetOf(page);
  const damage = (at: number, why: string) => new Damage(pages.source.name, { page, offset: start + at }, why);
  const fromMeta = (why: string) =>
    new Damage(pages.source.name, { page: meta.page, offset: pages.offsetOf(meta.page) + 48 }, `the freelist ${why}`);
  try {
    pages.assertInRange(page, fromMeta);
    const first = await pages.source.read(start, meta.pageBytes);
    const view = new DataView(first.buffer, first.byteOffset, first.length);
    const overflow = view.getUint32(12, true);
    if (readPageId(view, 0) !== page)
      throw damage(0, `the freelist's page says that it is page ${readPageId(view, 0)}`);
    if (view.getUint16(8, true) !== pageFlag.freelist)
      throw damage(8, `flags 0x${view.getUint16(8, true).toString(16)} are not a freelist's`);
    if (page + overflow >= meta.pageCount)
      throw damage(12, `the freelist goes on over ${overflow} pages, past the end`);
    for (let each = page; each <= page + overflow; each++)
      if (!sets.used.add(each)) throw damage(12, `the freelist lies on page ${each}, which is in use`);
    const short = view.getUint16(10, true);
    const count = short === countInList ? readPageId(view, pageHeadBytes) : short;
    const listAt = short === countInList ? pageHeadBytes + entryBytes : pageHeadBytes;
    const endBytes = listAt + count * entryBytes;
    if (endBytes > (overflow + 1) * meta.pageBytes)
      throw damage(10, `the freelist's ${count} entries do not fit in its ${overflow + 1} pages`);
    if (Math.ceil(endBytes / meta.pageBytes) < overflow)
      throw damage(12, `the freelist goes on over ${overflow} pages, more than its ${count} entries need`);
    await checkEntries();

    async function checkEntries(): Promise<void> {
      let previous = 1;
      for (let at = listAt; at < endBytes; at += readBytes) {
        const bytes = await pages.source.read(start + at, Math.min(readBytes, endBytes - at));
        const entries = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        for (let offset = 0; offset < bytes.length; offset += entryBytes) {
          const id = readPageId(entries, offset);
          if (id < 2 || id >= meta.pageCount)
            onDamage(damage(at + offset, `the freelist names page ${id}; pages are 2 to ${meta.pageCount - 1}`));
          else if (id <= previous) onDamage(damage(at + offset, `the freelist names page ${id} behind ${previous}`));
          else if (sets.used.has(id)) onDamage(damage(at + offset, `the freelist names page ${id}, which is in use`));
          else sets.free.add(id);
          if (id > previous && id < meta.pageCount) previous = id;
        }
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof Damage)) throw thrown;
    onDamage(thrown);
  }
}
