/**
 * How a long body travels: as blocks, each with a head of nine bytes (kind, stored length, plain length; big endian), the last of them
 * saying what was sent in all. A stream is complete when its end has arrived and agrees, never because the connection closed; and an agent
 * that fails half-way says so in a block of its own instead of leaving the plugin with a cut connection.
 *
 * Compression is chosen block by block: databases of Kubernetes shrink to a tenth, random bytes not at all, and on two cores the time spent
 * on trying is taken from etcd. A way as quick as a local network gets them as they are: there compressing takes longer than sending.
 */
export const blockKind = { plain: 0, zstd: 1, end: 2, failure: 3 } as const;
export const headBytes = 9;
/**
 * Read and compressed at once; large enough for zstd to find repetitions, small enough that a few in flight are nothing. A peer that claims
 * more is not believed.
 */
export const blockBytes = 1024 * 1024;
export type Compression = 'zstd' | 'when-slow' | 'none';
