/** What a file that is no bbolt database seems to be instead, from its first bytes. */
const signatures: readonly (readonly [at: number, bytes: string, what: string])[] = [
  [0, '\x1f\x8b', 'gzip: decompress it first, with gunzip'],
  [0, '\x28\xb5\x2f\xfd', 'zstd: decompress it first, with zstd -d'],
  [0, '\xfd7zXZ\0', 'xz: decompress it first, with unxz'],
  [0, 'BZh', 'bzip2: decompress it first, with bunzip2'],
  [0, '\x04\x22\x4d\x18', 'lz4: decompress it first, with lz4 -d'],
  [0, 'PK\x03\x04', 'a zip archive: unpack it first'],
  [257, 'ustar', 'a tar archive: unpack it first, with tar -xf'],
  [0, 'age-encryption.org/', 'encrypted with age: decrypt it first, with age -d -i KEY'],
  [0, '-----BEGIN AGE ENCRYPTED FILE-----', 'encrypted with age: decrypt it first, with age -d -i KEY'],
  [0, '-----BEGIN PGP MESSAGE-----', 'encrypted with PGP: decrypt it first'],
  [0, 'Salted__', 'encrypted with openssl enc: decrypt it first'],
  [0, 'SQLite format 3\0', 'an SQLite database'],
  [0, '\x7fELF', 'a program'],
];

/** How much of the beginning `looksLike` wants to see. */
export const telltaleBytes = 512;

/** undefined where nothing is recognised. */
export function looksLike(beginning: Buffer): string | undefined {
  const latin = beginning.toString('latin1');
  const known = signatures.find(([at, bytes]) => latin.startsWith(bytes, at));
  if (known !== undefined) return known[2];
  if (beginning.every((byte) => byte === 0))
    return 'zeros: it was reserved and never written, or its beginning was lost';
  const text = beginning.toString('utf8');
  if (/^\s*<(!doctype|html|\?xml)/i.test(text)) return 'a web page or XML: a failed download, perhaps';
  if (/^\s*[{[]/.test(text) && isText(beginning)) return 'JSON';
  return isText(beginning) ? 'text' : undefined;
}

function isText(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127));
}
