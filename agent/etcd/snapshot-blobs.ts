/**
 * Cuts gRPC's stream of SnapshotResponse messages into the blobs they carry, without joining what arrived in pieces: a blob is yielded as
 * slices of the chunks it came in. Field numbers: ResponseHeader header = 1, uint64 remaining_bytes = 2, bytes blob = 3, string version = 4.
 * Lengths are checked before they are believed, so that a peer that is not etcd costs no memory.
 */

/** etcd sends 32 KiB a message; gRPC's own limit for others is 4 MiB. */
const largestMessageBytes = 64 * 1024 * 1024;
const blobField = 3;

type Expecting = 'envelope' | 'tag' | 'varint' | 'length' | 'blob' | 'skipped';

export class SnapshotBlobs {
  #expecting: Expecting = 'envelope';
  #envelope = Buffer.alloc(5);
  #envelopeBytes = 0;
  /** What is left of the present message, and of the present field of known length. */
  #messageLeft = 0;
  #fieldLeft = 0;
  #number = 0;
  #shift = 1;
  #field = 0;

  /** @throws {Error} when the bytes are no gRPC stream of SnapshotResponse. */
  *push(chunk: Buffer): Generator<Buffer, void, undefined> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#expecting === 'blob' || this.#expecting === 'skipped') {
        const slice = chunk.subarray(at, at + this.#fieldLeft);
        at += slice.length;
        this.#consumeField(slice.length);
        if (this.#field === blobField) yield slice;
      } else {
        this.#byte(chunk.readUInt8(at));
        at += 1;
      }
    }
  }

  /** @throws {Error} when the stream stopped inside a message. */
  end(): void {
    if (this.#expecting !== 'envelope' || this.#envelopeBytes !== 0)
      throw new Error('the stream stopped inside a message');
  }

  #byte(byte: number): void {
    if (this.#expecting === 'envelope') return this.#envelopeByte(byte);
    this.#spend(1);
    if (this.#shift > 2 ** 63) throw new Error('a number in a snapshot message is too long');
    this.#number += (byte & 0x7f) * this.#shift;
    this.#shift *= 128;
    if (byte < 0x80) this.#numberRead();
    else if (this.#messageLeft === 0) throw new Error('a snapshot message ends inside a number');
  }

  #envelopeByte(byte: number): void {
    this.#envelope[this.#envelopeBytes] = byte;
    this.#envelopeBytes += 1;
    if (this.#envelopeBytes < this.#envelope.length) return;
    if (this.#envelope[0] !== 0) throw new Error('etcd sent a compressed message that nobody asked for');
    this.#messageLeft = this.#envelope.readUInt32BE(1);
    if (this.#messageLeft > largestMessageBytes) throw new Error(`a snapshot message of ${this.#messageLeft} bytes`);
    this.#envelopeBytes = 0;
    this.#expect(this.#messageLeft === 0 ? 'envelope' : 'tag');
  }

  #numberRead(): void {
    const number = this.#number;
    if (this.#expecting === 'tag') {
      this.#field = Math.floor(number / 8);
      const wireType = number % 8;
      if (wireType !== 0 && wireType !== 2) throw new Error(`a field of wire type ${wireType} in a snapshot message`);
      if (this.#messageLeft === 0) throw new Error('a snapshot message ends after a tag');
      this.#expect(wireType === 2 ? 'length' : 'varint');
    } else if (this.#expecting === 'length') {
      if (number > this.#messageLeft) throw new Error('a field of a snapshot message is longer than the message');
      this.#fieldLeft = number;
      this.#expect(number === 0 ? this.#next() : this.#field === blobField ? 'blob' : 'skipped');
    } else {
      this.#expect(this.#next());
    }
  }

  #consumeField(lengthBytes: number): void {
    this.#fieldLeft -= lengthBytes;
    this.#spend(lengthBytes);
    if (this.#fieldLeft === 0) this.#expect(this.#next());
  }

  #spend(lengthBytes: number): void {
    this.#messageLeft -= lengthBytes;
  }

  #next(): Expecting {
    return this.#messageLeft === 0 ? 'envelope' : 'tag';
  }

  #expect(what: Expecting): void {
    this.#expecting = what;
    this.#number = 0;
    this.#shift = 1;
  }
}
