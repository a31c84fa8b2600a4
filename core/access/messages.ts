/** Requests and replies about access, as schemas: see paths.ts for who asks what. */
import * as v from 'valibot';
import { failureRecord } from '../protocol/messages.ts';
import { clusterRecord, certificateRecord, nodeRecord, register, revocationRecord } from './register.ts';

const pem = v.pipe(v.string(), v.startsWith('-----BEGIN '), v.maxLength(10_000));

/** An agent that could not be told, or asked, in time. */
export const unreachedNode = v.object({ node: v.string(), failure: failureRecord });
export type UnreachedNode = v.InferOutput<typeof unreachedNode>;

/** GET /v1/access: how this agent stands. */
export const accessState = v.object({
  node: v.string(),
  /** Absent where the agent has no authority yet: then nobody reaches it but through the API server and on its node. */
  authority: v.optional(v.object({ certificate: pem, fingerprint: v.string(), expiresAt: v.string() })),
  /** Its own certificate. */
  certificate: v.optional(v.object({ serial: v.string(), expiresAt: v.string() })),
  listening: v.boolean(),
  /** Why it does not listen. */
  problem: v.optional(failureRecord),
  register,
});
export type AccessState = v.InferOutput<typeof accessState>;

/** GET and PUT /v1/access/authority: only over the node's own socket, which is exec through the API server, or root. */
export const authorityMessage = v.object({ certificate: pem, key: pem, register });
export type AuthorityMessage = v.InferOutput<typeof authorityMessage>;

/** Who asks, in his own words: recorded where no certificate says it, on a node's socket. */
const by = v.optional(v.pipe(v.string(), v.maxLength(200)));

/** POST /v1/access/certificates. The private key stays with whoever asks. */
export const certificateRequest = v.object({
  publicKey: pem,
  name: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,64}$/, 'a name is 1 to 64 printable characters without spaces')),
  lifeSeconds: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10 * 366 * 86_400)),
  by,
});
export type CertificateRequest = v.InferOutput<typeof certificateRequest>;

export const certificateReply = v.object({
  certificate: pem,
  record: certificateRecord,
  authority: pem,
  cluster: clusterRecord,
  nodes: v.array(nodeRecord),
  unreached: v.array(unreachedNode),
});
export type CertificateReply = v.InferOutput<typeof certificateReply>;

/** POST /v1/access/pass. The private key never leaves the memory of whoever asks. */
export const passRequest = v.object({ publicKey: pem });
export const passReply = v.object({ certificate: pem, authority: pem });
export type PassReply = v.InferOutput<typeof passReply>;

/** POST /v1/access/revocations: of all certificates of this name, or of the one with this serial number. */
export const revocationRequest = v.object({ name: v.pipe(v.string(), v.minLength(1), v.maxLength(300)), by });

export const revocationReply = v.object({
  revoked: v.array(v.object({ certificate: certificateRecord, revocation: revocationRecord })),
  /** Issued at the request of those that are revoked now, and still good. */
  issuedByThem: v.array(certificateRecord),
  told: v.array(v.string()),
  unreached: v.array(unreachedNode),
});
export type RevocationReply = v.InferOutput<typeof revocationReply>;

/** GET /v1/all/...: what each node's agent answered. */
export const fanOutReply = v.object({
  answers: v.array(v.object({ node: v.string(), reply: v.unknown() })),
  unreached: v.array(unreachedNode),
});
export type FanOutReply = v.InferOutput<typeof fanOutReply>;
