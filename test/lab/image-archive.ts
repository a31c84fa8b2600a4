/**
 * Container images as docker-archive tars, which `ctr images import` takes: no registry can be reached from here, and no Docker is needed.
 * The same content gives the same digest: owners, times and order are fixed.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../../core/failure.ts';

/** A file of the image, copied from this machine (symbolic links followed), or an empty directory. Paths in the image are absolute. */
export type ImageEntry =
  { readonly path: string; readonly from: string } | { readonly path: string; readonly directoryMode: number };

export interface Image {
  readonly reference: string;
  readonly entrypoint?: readonly string[];
  readonly env: readonly string[];
  /** Lowest first. What rarely changes in a layer of its own is not unpacked anew each time. */
  readonly layers: readonly (readonly ImageEntry[])[];
}

/** Writes the image to a file, which appears under its name when complete. Streams: no file of the image is held in memory. */
export async function writeImageArchive(file: string, image: Image): Promise<void> {
  const part = `${file}.part`;
  await using archive = await open(part, 'w');
  const diffIds: string[] = [];
  const layerNames: string[] = [];
  for (const [index, entries] of image.layers.entries()) {
    const layer = await planLayer(entries);
    const name = `layer${index}.tar`;
    await archive.write(header({ name, mode: 0o644, sizeBytes: layer.sizeBytes }));
    diffIds.push(`sha256:${await writeLayer(archive, layer.members)}`);
    layerNames.push(name);
  }
  const architecture = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch;
  const config = JSON.stringify({
    ...{ architecture, os: 'linux' },
    config: { Env: image.env, ...(image.entrypoint === undefined ? {} : { Entrypoint: image.entrypoint }) },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: diffIds.map(() => ({ created_by: 'kubectl-etcd lab' })),
  });
  const configName = `${createHash('sha256').update(config).digest('hex')}.json`;
  await writeMember(archive, configName, config);
  await writeMember(
    archive,
    'manifest.json',
    JSON.stringify([{ Config: configName, RepoTags: [image.reference], Layers: layerNames }]),
  );
  await archive.write(endOfArchive);
  await rename(part, file);
}

interface Member {
  readonly header: Buffer;
  readonly sizeBytes: number;
  readonly from?: string;
}

/** The members of a layer in their order, parents first, and the size of the whole: tar wants it before the first byte. */
async function planLayer(
  entries: readonly ImageEntry[],
): Promise<{ readonly members: readonly Member[]; readonly sizeBytes: number }> {
  const members: Member[] = [];
  const directories = new Set<string>();
  for (const entry of entries) {
    const name = entry.path.replace(/^\/+/, '');
    for (let slash = name.indexOf('/'); slash !== -1; slash = name.indexOf('/', slash + 1)) {
      const parent = name.slice(0, slash + 1);
      if (!directories.has(parent))
        members.push({ header: header({ name: parent, mode: 0o755, sizeBytes: 0 }), sizeBytes: 0 });
      directories.add(parent);
    }
    if ('directoryMode' in entry) {
      directories.add(`${name}/`);
      members.push({ header: header({ name: `${name}/`, mode: entry.directoryMode, sizeBytes: 0 }), sizeBytes: 0 });
    } else {
      const { size, mode } = await stat(entry.from);
      members.push({
        header: header({ name, mode: mode & 0o111 ? 0o755 : 0o644, sizeBytes: size }),
        sizeBytes: size,
        from: entry.from,
      });
    }
  }
  const contentBytes = members.reduce((sum, member) => sum + blockBytes + padded(member.sizeBytes), 0);
  return { members, sizeBytes: contentBytes + endOfArchive.length };
}

/** Returns the layer's sha256, as hexadecimal digits. */
async function writeLayer(archive: FileHandle, members: readonly Member[]): Promise<string> {
  const hash = createHash('sha256');
  const write = async (bytes: Buffer): Promise<void> => {
    hash.update(bytes);
    await archive.write(bytes);
  };
  for (const member of members) {
    await write(member.header);
    if (member.from === undefined) continue;
    let writtenBytes = 0;
    for await (const chunk of createReadStream(member.from, { highWaterMark: 1 << 20 })) {
      await write(chunk as Buffer);
      writtenBytes += (chunk as Buffer).length;
    }
    if (writtenBytes !== member.sizeBytes) {
      throw new Failure({
        reason: 'file-changed',
        what: `${member.from} changed its size while it was read`,
        next: 'run the command again',
      });
    }
    await write(Buffer.alloc(padded(writtenBytes) - writtenBytes));
  }
  await write(endOfArchive);
  const digest = hash.digest('hex');
  const layerBytes = members.reduce((sum, member) => sum + blockBytes + padded(member.sizeBytes), endOfArchive.length);
  await archive.write(Buffer.alloc(padded(layerBytes) - layerBytes));
  return digest;
}

async function writeMember(archive: FileHandle, name: string, content: string): Promise<void> {
  const bytes = Buffer.from(content);
  await archive.write(header({ name, mode: 0o644, sizeBytes: bytes.length }));
  await archive.write(bytes);
  await archive.write(Buffer.alloc(padded(bytes.length) - bytes.length));
}

const blockBytes = 512;
const endOfArchive = Buffer.alloc(2 * blockBytes);

function padded(sizeBytes: number): number {
  return Math.ceil(sizeBytes / blockBytes) * blockBytes;
}

/** A ustar header: owner 0, time 0; a name that ends in a slash is a directory. */
function header(member: { readonly name: string; readonly mode: number; readonly sizeBytes: number }): Buffer {
  const nameBytes = Buffer.byteLength(member.name);
  if (nameBytes > 100)
    throw new Failure({ reason: 'name-too-long', what: `${member.name} is too long a name for a tar header` });
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(member.name, 0);
  block.write(octal(member.mode, 7), 100);
  block.write(octal(0, 7), 108); // owner
  block.write(octal(0, 7), 116); // group
  block.write(octal(member.sizeBytes, 11), 124);
  block.write(octal(0, 11), 136); // time
  block.write(' '.repeat(8), 148); // the checksum counts itself as blanks
  block.write(member.name.endsWith('/') ? '5' : '0', 156);
  block.write('ustar\x0000', 257);
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
