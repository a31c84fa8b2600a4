/**
 * The access file: what a person needs to reach the agents while no API server answers. Whoever holds it is root on the control plane.
 * The local mode's form of it names a unix socket for each node instead of addresses and certificates.
 */
import * as v from 'valibot';
import { apiServer } from './register.ts';

export const accessFileVersion = 1;

const pem = v.pipe(v.string(), v.startsWith('-----BEGIN '));
const cluster = v.object({
  name: v.string(),
  uid: v.optional(v.string()),
  apiServers: v.optional(v.array(apiServer), []),
});

export const socketAccess = v.object({
  formatVersion: v.literal(accessFileVersion),
  cluster,
  nodes: v.pipe(
    v.array(v.object({ name: v.string(), addresses: v.optional(v.array(v.string()), []), socket: v.string() })),
    v.minLength(1, 'it names no node'),
  ),
});

export const networkAccess = v.object({
  formatVersion: v.literal(accessFileVersion),
  cluster,
  /** As they were when the file was written; the agents know them better once one of them is reached. */
  nodes: v.pipe(
    v.array(
      v.object({
        name: v.string(),
        addresses: v.array(v.string()),
        port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
      }),
    ),
    v.minLength(1, 'it names no node'),
  ),
  /** Whose file it is, as `access list` shows it and `access revoke` takes it. */
  holder: v.string(),
  issuedAt: v.string(),
  expiresAt: v.string(),
  authority: pem,
  certificate: pem,
  key: pem,
});
export type NetworkAccess = v.InferOutput<typeof networkAccess>;

/** What can be known of any file that claims to be one, of whichever version. */
export const anyAccess = v.object({ formatVersion: v.number(), key: v.optional(v.string()) });

export type SocketAccess = v.InferInput<typeof socketAccess>;
