/** The files of a write-ahead log: `SEQUENCE-INDEX.wal`, both in 16 hexadecimal digits, INDEX that of the first entry which may be in it. */
export interface SegmentName {
  readonly file: string;
  readonly sequence: number;
  readonly firstIndex: number;
}

const pattern = /^([0-9a-f]{16})-([0-9a-f]{16})\.wal$/;

/** Those of a folder that are segments, in their order; etcd passes over the rest (`0.tmp`, `….broken`), and so do we. */
export function segmentsAmong(files: readonly string[]): SegmentName[] {
  return files
    .flatMap((file) => {
      const [, sequence = '', index = ''] = pattern.exec(file) ?? [];
      return sequence === '' ? [] : [{ file, sequence: parseInt(sequence, 16), firstIndex: parseInt(index, 16) }];
    })
    .sort((one, other) => one.sequence - other.sequence);
}

/** From the segment on in which the entry after `index` is looked for: what lies before is not read by etcd either (wal.searchIndex). */
export function segmentsFrom(segments: readonly SegmentName[], index: number): readonly SegmentName[] {
  const first = segments.findLastIndex(({ firstIndex }) => firstIndex <= index);
  return segments.slice(Math.max(first, 0));
}
