/**
 * Values that the API server encrypted at rest begin with `k8s:enc:PROVIDER:VERSION:KEY:` (apiserver's value/encrypt transformers): the
 * provider is aescbc, aesgcm, secretbox or kms, the version v1 or v2, and KEY the key's name in the configuration, for kms the plugin's.
 */
export interface Encryption {
  readonly provider: string;
  readonly version: string;
  readonly keyName: string | undefined;
  /** What follows the prefix. */
  readonly sealedBytes: number;
}

const prefix = Buffer.from('k8s:enc:');
const longestPrefix = 512;

/** Whether the value at `start` up to `end` is encrypted at rest, without allocating: a scan asks it of every value. */
export function isEncrypted(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < prefix.length) return false;
  // What is not most often begins with `k8s` and a zero.
  for (let at = prefix.length - 1; at >= 0; at--) if (bytes[start + at] !== prefix[at]) return false;
  return true;
}

/** undefined where the value is not encrypted at rest. */
export function encryptionOf(value: Buffer): Encryption | undefined {
  if (!isEncrypted(value, 0, value.length)) return undefined;
  const [provider = 'unknown', version = 'unknown', keyName] = value
    .subarray(prefix.length, longestPrefix)
    .toString('latin1')
    .split(':', 3);
  const ended = keyName !== undefined && /^[\x21-\x7e]{0,253}$/.test(keyName);
  const prefixBytes = prefix.length + provider.length + 1 + version.length + 1 + (ended ? keyName.length + 1 : 0);
  return {
    provider,
    version,
    keyName: ended ? keyName : undefined,
    sealedBytes: Math.max(0, value.length - prefixBytes),
  };
}
