import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { raiseCommit } from '../../../agent/tools/raise-commit.ts';
import { Failure } from '../../../core/failure.ts';
import { readWal } from '../../../core/wal/read-wal.ts';
import type { WalFacts } from '../../../core/wal/read-wal.ts';
import { segmentsAmong, segmentsFrom } from '../../../core/wal/segments.ts';
import { freePort, realEtcd, startEtcd } from '../../agent/tools/real-etcd.ts';
import { etcdVersions } from '../../lab/where.ts';
import { segmentsOf, walFolder, walInMemory, writtenWal } from './real-wal.ts';
import type { WrittenWal } from './real-wal.ts';

describe.each(etcdVersions)('the log of etcd %s', (version) => {
  let written: WrittenWal;
  let facts: WalFacts;
  beforeAll(async () => {
    written = await writtenWal(version, { puts: 20 });
    facts = await readWal(walFolder(written.wal));
  }, 60_000);
  afterAll(() => written.remove());

  test('says of itself what etcd said before it was killed', () => {
    const { clusterId, memberId, term, index } = written.said;
    expect(facts).toMatchObject({ clusterId, memberId, last: { term, index }, torn: false });
    expect(facts.hardState).toMatchObject({ term, vote: BigInt(`0x${memberId}`) });
    // etcd does not flush it: what is on the disk may be older, and never newer.
    expect(facts.hardState?.commit).toBeLessThanOrEqual(index);
    expect(facts.hardState?.commit).toBeGreaterThan(0);
  });

  test('is read on from the segment that a raft snapshot leads to', async () => {
    expect(await readWal(walFolder(written.wal), { since: 5 })).toEqual(facts);
  });

  test('cut short in its last record: as if that had not been written, for us and for etcd', async () => {
    await withCopy(written, async (dataDirectory) => {
      const { file, offset } = facts.end;
      truncateSync(join(dataDirectory, 'member/wal', file), offset - 20);
      const cut = await readWal(walFolder(join(dataDirectory, 'member/wal')));
      expect(cut).toMatchObject({
        torn: true,
        last: { index: facts.last.index - (cut.hardState?.commit === facts.hardState?.commit ? 1 : 0) },
      });
      await startsOn(version, dataDirectory);
    });
  }, 60_000);

  test('with a byte changed in its middle: damaged, for us and for etcd', async () => {
    await withCopy(written, async (dataDirectory) => {
      const { file, offset } = facts.end;
      const handle = openSync(join(dataDirectory, 'member/wal', file), 'r+');
      writeSync(handle, Buffer.from('?'), 0, 1, Math.floor(offset / 2));
      closeSync(handle);
      await expect(readWal(walFolder(join(dataDirectory, 'member/wal')))).rejects.toThrow(
        /the write-ahead log is damaged: .*\/[0-9a-f]{16}-[0-9a-f]{16}\.wal at offset \d+: /,
      );
      await expect(startsOn(version, dataDirectory)).rejects.toThrow(/does not become healthy/);
    });
  }, 60_000);

  test('with its commit index raised: so it reads, and etcd goes on from there', async () => {
    await withCopy(written, async (dataDirectory) => {
      const wal = join(dataDirectory, 'member/wal');
      await raiseCommit(wal, facts, facts.last.index);
      const raised = await readWal(walFolder(wal));
      expect(raised).toMatchObject({
        last: facts.last,
        torn: false,
        hardState: { term: facts.hardState?.term, vote: facts.hardState?.vote, commit: facts.last.index },
      });
      expect(await startsOn(version, dataDirectory)).toBe(written.said.revision);
      // And etcd has taken our record for one of its own.
      expect((await readWal(walFolder(wal))).last.index).toBeGreaterThan(facts.last.index);
    });
  }, 60_000);

  test('cut short, and then raised: what was half written is gone', async () => {
    await withCopy(written, async (dataDirectory) => {
      const wal = join(dataDirectory, 'member/wal');
      truncateSync(join(wal, facts.end.file), facts.end.offset - 20);
      const cut = await readWal(walFolder(wal));
      await raiseCommit(wal, cut, cut.last.index);
      expect(await readWal(walFolder(wal))).toMatchObject({
        torn: false,
        last: cut.last,
        hardState: { commit: cut.last.index },
      });
      await startsOn(version, dataDirectory);
    });
  }, 60_000);
});

describe('a log of several segments', () => {
  let written: WrittenWal;
  beforeAll(async () => {
    // A segment has 64 MB.
    written = await writtenWal('3.5', { puts: 70, valueBytes: 1_000_000 });
  }, 120_000);
  afterAll(() => written.remove());

  test('is one', async () => {
    const folder = walFolder(written.wal);
    expect(segmentsAmong(folder.files).length).toBeGreaterThan(1);
    const facts = await readWal(folder);
    expect(facts).toMatchObject({ last: { index: written.said.index }, torn: false });
    // From its last segment on it says the same.
    expect(await readWal(folder, { since: written.said.index })).toEqual(facts);
  });

  test('without one in its middle is named', async () => {
    const folder = walFolder(written.wal);
    const [first = '', second = ''] = folder.files.toSorted();
    const third = second.replace(/^.{16}/, (sequence) => (parseInt(sequence, 16) + 1).toString(16).padStart(16, '0'));
    const files = [first, third];
    const open = async (file: string) => folder.open(file === third ? second : file);
    await expect(readWal({ ...folder, files, open })).rejects.toThrow(/the segment before it is missing/);
  });

  test('damaged in a segment that etcd does not read any more is none of our business', async () => {
    const segments = segmentsOf(written.wal);
    const [first = ''] = segments.keys();
    segments.get(first)?.fill(0xff, 0, 64);
    await expect(readWal(walInMemory(segments))).rejects.toMatchObject({ reason: 'wal-damaged' });
    expect(await readWal(walInMemory(segments), { since: written.said.index })).toMatchObject({
      last: { index: written.said.index },
    });
  });
});

describe('any bytes', () => {
  let segments: Map<string, Buffer>;
  let sound: WalFacts;
  let file: string;
  beforeAll(async () => {
    const written = await writtenWal('3.5', { puts: 10 });
    segments = segmentsOf(written.wal);
    sound = await readWal(walInMemory(segments));
    file = sound.end.file;
    written.remove();
  }, 60_000);

  const bytesOf = () => segments.get(file) ?? Buffer.alloc(0);
  const read = async (bytes: Buffer) => readWal(walInMemory(new Map(segments).set(file, bytes)));

  test('a bit flipped in what was written: damaged, or there is less, and never more than there was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(sound.end.offset - 1), fc.nat(7), async (at, bit) => {
        const bytes = Buffer.from(bytesOf());
        bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at);
        const facts = await read(bytes).catch((thrown: unknown) => thrown);
        if (facts instanceof Failure) expect(facts.reason).toBe('wal-damaged');
        // Checksums cover what is in a record, and neither its length, its kind, nor what it is padded with.
        else expect((facts as WalFacts).last.index).toBeLessThanOrEqual(sound.last.index);
      }),
      { numRuns: 2000 },
    );
  }, 60_000);

  test('cut off anywhere: what is before it is read', async () => {
    let before = 0;
    for (let size = 0; size <= sound.end.offset; size += 1) {
      const facts = await read(bytesOf().subarray(0, size)).catch((thrown: unknown) => thrown);
      if (facts instanceof Failure) {
        expect(facts.message).toMatch(/it does not say of which member it is/);
        continue;
      }
      expect((facts as WalFacts).last.index).toBeGreaterThanOrEqual(before);
      before = (facts as WalFacts).last.index;
    }
    expect(before).toBe(sound.last.index);
  }, 60_000);

  test('noise is refused, or read to a torn end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (noise) => {
        const facts = await read(Buffer.from(noise)).catch((thrown: unknown) => thrown);
        if (facts instanceof Failure) expect(facts.reason).toBe('wal-damaged');
        else expect(facts).toHaveProperty('last');
      }),
    );
  });
});

test.each([
  ['none', [], 0, []],
  ['all', ['0-0', '1-10', '2-20'], 0, ['0-0', '1-10', '2-20']],
  ['up to the one in which it begins', ['0-0', '1-10', '2-20'], 16, ['1-10', '2-20']],
  ['in their order, whatever the folder says', ['2-20', '0-0', '1-10'], 40, ['2-20']],
  ['where older ones are gone', ['7-70', '8-80'], 3, ['7-70', '8-80']],
] as const)('segments: %s', (_, names, since, wanted) => {
  const full = (name: string) =>
    `${name
      .split('-')
      .map((part) => part.padStart(16, '0'))
      .join('-')}.wal`;
  const files = [...names.map(full), '0.tmp', `${full('3-30')}.broken`, 'lost+found'];
  expect(segmentsFrom(segmentsAmong(files), since).map((segment) => segment.file)).toEqual(wanted.map(full));
});

async function withCopy(written: WrittenWal, use: (dataDirectory: string) => Promise<void>): Promise<void> {
  const copy = mkdtempSync('/tmp/wal-');
  try {
    cpSync(written.dataDirectory, join(copy, 'data'), { recursive: true });
    await use(join(copy, 'data'));
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** etcd itself starts on it. @returns the revision that it then has. */
async function startsOn(version: (typeof etcdVersions)[number], dataDirectory: string): Promise<number> {
  const { folder } = await realEtcd(version);
  const peerUrl = `http://127.0.0.1:${await freePort()}`;
  execFileSync('chmod', ['-R', 'u+rwX', dataDirectory]);
  await using etcd = await startEtcd({ argv: [join(folder, 'etcd')], folder, dataDirectory, name: 'n1', peerUrl });
  const [status] = JSON.parse(etcd.ctl('endpoint', 'status', '-w', 'json')) as {
    Status: { header: { revision: number } };
  }[];
  return status?.Status.header.revision ?? 0;
}
