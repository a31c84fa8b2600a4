import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { SnapshotBlobs } from '../../../agent/etcd/snapshot-blobs.ts';

/** etcd's own message, written by a real encoder. */
const SnapshotResponse = protobuf.Root.fromJSON({
  nested: {
    Header: {
      fields: {
        clusterId: { type: 'uint64', id: 1 },
        memberId: { type: 'uint64', id: 2 },
        revision: { type: 'int64', id: 3 },
      },
    },
    SnapshotResponse: {
      fields: {
        header: { type: 'Header', id: 1 },
        remainingBytes: { type: 'uint64', id: 2 },
        blob: { type: 'bytes', id: 3 },
        version: { type: 'string', id: 4 },
      },
    },
  },
}).lookupType('SnapshotResponse');

function envelope(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function blobsOf(stream: Buffer, sizes: readonly number[]): Buffer {
  const blobs = new SnapshotBlobs();
  const found: Buffer[] = [];
  for (let at = 0, index = 0; at < stream.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    found.push(...blobs.push(stream.subarray(at, at + size)));
    at += size;
  }
  blobs.end();
  return Buffer.concat(found);
}

describe("etcd's snapshot stream", () => {
  test('the blobs of any messages, cut anywhere', () => {
    const message = fc.record(
      {
        header: fc.record({ clusterId: fc.nat(), memberId: fc.nat(), revision: fc.nat() }),
        remainingBytes: fc.nat(),
        blob: fc.uint8Array({ maxLength: 300 }),
        version: fc.string({ maxLength: 10 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 10 }),
        fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1 }),
        (sent, sizes) => {
          const stream = Buffer.concat(
            sent.map((one) => envelope(SnapshotResponse.encode(SnapshotResponse.create(one)).finish())),
          );
          expect(blobsOf(stream, sizes)).toEqual(Buffer.concat(sent.map(({ blob }) => Buffer.from(blob ?? []))));
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    ['a compressed message', '0100000001' + '00'],
    ['a message of 2 GiB', '0080000000'],
    ['a field longer than its message', '0000000003' + '1a7f00'],
    ['a field of an unknown wire type', '0000000002' + '1d00'],
    ['a tag and nothing after it', '0000000001' + '1a'],
    ['a number without an end', '0000000002' + '10ff'],
    ['a number of eleven bytes', '000000000d' + '10' + 'ff'.repeat(11) + '01'],
    ['an end inside the head', '000000'],
    ['an end inside a blob', '0000000004' + '1a02aa'],
  ])('%s is refused', (_what, hex) => {
    expect(() => blobsOf(Buffer.from(hex, 'hex'), [1])).toThrow();
    expect(() => blobsOf(Buffer.from(hex, 'hex'), [1000])).toThrow();
  });

  test('any bytes: refused or read, never more than was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(blobsOf(Buffer.from(bytes), [7]).length).toBeLessThanOrEqual(bytes.length);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
