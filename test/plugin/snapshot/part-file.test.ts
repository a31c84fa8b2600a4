import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PartFile } from '../../../plugin/snapshot/part-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync('/tmp/part-file-');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const once = { expectedBytes: 10, replace: false };
const path = () => join(directory, 'x.db');

describe('a file that appears only when it is complete', () => {
  test('under its name after commit alone, mode 0600, no part left', async () => {
    {
      await using part = await PartFile.create(path(), once);
      await part.write(Buffer.from('one '));
      await part.write(Buffer.from('two'));
      expect(readdirSync(directory)).toEqual(['x.db.part']);
      expect(statSync(part.partPath).mode & 0o777).toBe(0o600);
      await part.commit({ replace: false });
    }
    expect(readdirSync(directory)).toEqual(['x.db']);
    expect(readFileSync(path(), 'utf8')).toBe('one two');
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test('given up before commit: nothing is left', async () => {
    await expect(
      (async () => {
        await using part = await PartFile.create(path(), once);
        await part.write(Buffer.from('half'));
        throw new Error('the stream was cut');
      })(),
    ).rejects.toThrow('the stream was cut');
    expect(readdirSync(directory)).toEqual([]);
  });

  test('an existing file is refused, and left alone even when it comes up meanwhile', async () => {
    writeFileSync(path(), 'theirs');
    await expect(PartFile.create(path(), once)).rejects.toMatchObject({ reason: 'file-exists', exit: 5 });
    rmSync(path());
    {
      await using part = await PartFile.create(path(), once);
      writeFileSync(path(), 'theirs');
      await expect(part.commit({ replace: false })).rejects.toMatchObject({ reason: 'file-exists' });
    }
    expect(readFileSync(path(), 'utf8')).toBe('theirs');
    expect(readdirSync(directory)).toEqual(['x.db']);
  });

  test('with replace the old file stays until the new one is complete', async () => {
    writeFileSync(path(), 'old');
    await using part = await PartFile.create(path(), { expectedBytes: 10, replace: true });
    await part.write(Buffer.from('new'));
    expect(readFileSync(path(), 'utf8')).toBe('old');
    await part.commit({ replace: true });
    expect(readFileSync(path(), 'utf8')).toBe('new');
  });

  test('two at once: the second is refused, and the first is not disturbed by that', async () => {
    await using first = await PartFile.create(path(), once);
    await expect(PartFile.create(path(), once)).rejects.toMatchObject({ reason: 'part-exists', exit: 5 });
    await first.write(Buffer.from('mine'));
    await first.commit({ replace: false });
    expect(readFileSync(path(), 'utf8')).toBe('mine');
  });

  test('a missing directory, and a name that is a directory', async () => {
    await expect(PartFile.create(join(directory, 'no/x.db'), once)).rejects.toMatchObject({
      reason: 'directory-missing',
      exit: 5,
    });
    mkdirSync(path());
    await expect(PartFile.create(path(), once)).rejects.toMatchObject({ reason: 'file-exists' });
  });

  test('no room is refused before anything is written; a disk that fills up meanwhile is said, and given back', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory]);
    try {
      await expect(PartFile.create(path(), { expectedBytes: 1 << 20, replace: false })).rejects.toMatchObject({
        reason: 'disk-full',
        exit: 5,
      });
      {
        await using part = await PartFile.create(path(), once);
        await expect(part.write(Buffer.alloc(1 << 20))).rejects.toMatchObject({ reason: 'disk-full', exit: 1 });
      }
      expect(readdirSync(directory)).toEqual([]);
    } finally {
      execFileSync('umount', [directory]);
    }
  });

  test('a disk that takes bytes and then fails to keep them: said, though the system tells it to one sync alone', async () => {
    // A file system of 300 MB on a disk of 80: what is written is accepted, and fails on its way to the disk.
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=80m', 'tmpfs', directory]);
    const [disk, mounted] = [join(directory, 'disk'), join(directory, 'mounted')];
    try {
      execFileSync('truncate', ['-s', '300M', disk]);
      execFileSync('mkfs.ext4', ['-q', '-O', '^has_journal', disk]);
      mkdirSync(mounted);
      execFileSync('mount', ['-o', 'loop', disk, mounted]);
      const saved = async () => {
        await using part = await PartFile.create(join(mounted, 'x.db'), once);
        for (let piece = 1; piece <= 120; piece += 1) await part.write(Buffer.alloc(1 << 20, piece));
        await part.commit({ replace: false });
      };
      await expect(saved()).rejects.toMatchObject({ reason: 'disk-full', exit: 1 });
      expect(readdirSync(mounted)).toEqual(['lost+found']);
    } finally {
      execFileSync('sh', ['-c', `umount ${mounted}; umount ${directory}`]);
    }
  });
});
