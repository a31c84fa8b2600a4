import { chmod, chown, open, rm, rmdir, stat } from 'node:fs/promises';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { dirname, join, posix } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { StepOf } from '../../core/operation/steps.ts';
import { freshFolder } from '../certificates/beside.ts';
import { issuePair } from '../certificates/issue.ts';
import { makeFolders } from '../host/durable.ts';
import { syncPath } from '../host/sync-tree.ts';
import type { StepContext, StepDriver } from './step.ts';

type Pair = StepOf<'issue-certificates'>['pairs'][number];

/** New pairs beside the old ones, while all still runs. What is there already is taken, where it is whole; undone, it is deleted. */
export const issueCertificatesStep: StepDriver<'issue-certificates'> = {
  apply: async ({ pairs }, context) => {
    const issued: { file: string; notAfter: string }[] = [];
    for (const pair of pairs) {
      context.progress(`issuing ${posix.basename(pair.certFile)}`);
      issued.push({ file: pair.certFile, notAfter: await issueOne(pair, context) });
    }
    return { issued };
  },

  undo: async ({ pairs }, { root, operation }) => {
    for (const file of pairs.flatMap(({ certFile, keyFile }) => [certFile, keyFile])) {
      const fresh = await root.here(freshFolder(await root.canonical(file), operation));
      await rm(fresh, { recursive: true, force: true });
      // Ours, unless something is kept in them.
      for (const folder of [dirname(fresh), dirname(dirname(fresh))]) await rmdir(folder).catch(() => undefined);
    }
  },
};

/** @returns until when it is valid. */
async function issueOne(pair: Pair, context: StepContext): Promise<string> {
  const { root, node, operation } = context;
  const certFile = await root.canonical(pair.certFile);
  const keyFile = await root.canonical(pair.keyFile);
  const fresh = {
    cert: posix.join(freshFolder(certFile, operation), posix.basename(certFile)),
    key: posix.join(freshFolder(keyFile, operation), posix.basename(keyFile)),
  };
  const whole = await wholePair(fresh, context);
  if (whole !== undefined) return whole;
  const authority = await readAuthority(pair, context);
  const old = usable(await root.readTextIfThere(certFile).catch(() => undefined));
  const issued = issuePair({ authority, old: old?.leaf, profile: pair.profile });
  // Where the file held certificates of the authorities above as well, it does so again.
  const above = (old?.above ?? []).join('');
  // The key first: a certificate alone is taken for nothing.
  await write(fresh.key, issued.key, { like: keyFile, mode: 0o600 }, context);
  await write(fresh.cert, `${issued.certificate}${above}`, { like: certFile, mode: 0o644 }, context);
  const written = await wholePair(fresh, context);
  if (written === undefined)
    throw new Failure({ reason: 'certificate-not-written', what: `${fresh.cert} is not what was written`, node });
  return written;
}

/** @throws {Failure} `authority-unusable`. */
async function readAuthority({ authority }: Pair, { root, node }: StepContext) {
  try {
    const [certificate, key] = await Promise.all([root.readText(authority.certFile), root.readText(authority.keyFile)]);
    return { certificate, key };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    throw new Failure({
      reason: 'authority-unusable',
      what: "no certificate can be issued from etcd's authority",
      node,
      why: thrown.message,
      next: `bring ${authority.certFile} and ${authority.keyFile} to the node`,
      cause: thrown,
    });
  }
}

/** The leaf and what stands behind it; undefined where there is no certificate in it. */
function usable(text: string | undefined): { readonly leaf: string; readonly above: readonly string[] } | undefined {
  const blocks = text?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? [];
  const [leaf, ...above] = blocks;
  try {
    if (leaf === undefined) return undefined;
    new X509Certificate(leaf);
    return { leaf, above };
  } catch {
    // As if it were missing: it is made anew by its profile.
    return undefined;
  }
}

/** Until when the pair is valid; undefined where it is not there, or not a pair. */
async function wholePair(
  { cert, key }: { readonly cert: string; readonly key: string },
  { root }: StepContext,
): Promise<string | undefined> {
  const [certText, keyText] = await Promise.all([root.readTextIfThere(cert), root.readTextIfThere(key)]);
  if (certText === undefined || keyText === undefined) return undefined;
  try {
    const x509 = new X509Certificate(certText);
    return x509.checkPrivateKey(createPrivateKey(keyText)) ? x509.validToDate.toISOString() : undefined;
  } catch {
    // What was being written when the power went.
    return undefined;
  }
}

/** Durable when it returns, with the owner and the mode of the one whose place it will take. */
async function write(
  file: string,
  text: string,
  { like, mode }: { readonly like: string; readonly mode: number },
  { root }: StepContext,
): Promise<void> {
  const here = await root.here(file);
  await makeFolders(dirname(here));
  // What shall be readable for nobody else is so from its first byte on.
  await rm(here, { force: true });
  {
    await using handle = await open(here, 'wx', 0o600);
    await handle.writeFile(text);
    await handle.sync();
  }
  const before = await stat(await root.here(like)).catch(() => undefined);
  if (before !== undefined) await chown(here, before.uid, before.gid);
  await chmod(here, before === undefined ? mode : before.mode & 0o7777);
  await syncPath(here);
  for (let at = dirname(here), steps = 0; steps < 4; at = join(at, '..'), steps += 1) await syncPath(at);
}
