import { EventEmitter, once } from 'node:events';
import type { AccessState, AuthorityMessage, CertificateRequest } from '../../core/access/messages.ts';
import { certificateLifeMs, dayMs, issueCertificate, newKeys } from '../../core/access/certificates.ts';
import type { Credentials } from '../../core/access/certificates.ts';
import type { DialCredentials } from '../../core/access/dial.ts';
import { agentServerName } from '../../core/access/names.ts';
import { readCertificate } from '../../core/access/read-certificate.ts';
import { emptyRegister, mergeRegisters, pruneRegister, withNode } from '../../core/access/register.ts';
import type { CertificateRecord, Register, RevocationRecord } from '../../core/access/register.ts';
import { exitCode, Failure } from '../../core/failure.ts';
import { failureToRecord } from '../../core/protocol/failure-record.ts';
import type { AccessStore, Kept } from './store.ts';

/** The agent's own certificate is replaced when this much of its life is over. */
const renewAfterShare = 2 / 3;
/** Certificates for people that are good at the same time: more is a loop in somebody's script. */
const mostCertificates = 1_000;

/** Clocks may differ by a day, and a log may be followed for another. */
const passLifeMs = 2 * dayMs;

interface Own {
  readonly credentials: DialCredentials;
  readonly serial: string;
  readonly renewAtMs: number;
  readonly expiresAtMs: number;
}

/**
 * What this agent is in the installation: its authority, the certificate that it has issued itself, and its register. Its own certificate and
 * key are nowhere but in memory: whoever has the authority's key on the disk can make new ones at any time, and so they are never stale.
 */
export class AgentAccess {
  readonly node: string;
  readonly #store: AccessStore;
  readonly #lifeMs: number;
  readonly #changes = new EventEmitter<{ change: [] }>();
  #kept: Kept = { authority: undefined, register: emptyRegister };
  #own: Own | undefined;
  #problem: Failure | undefined;
  #revoked: ReadonlySet<string> = new Set();
  /** Changes are made one after the other: each reads what the one before has written. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: { readonly node: string; readonly store: AccessStore; readonly lifeMs?: number | undefined }) {
    this.node = options.node;
    this.#store = options.store;
    this.#lifeMs = options.lifeMs ?? certificateLifeMs;
  }

  /** Reads what is on the disk. What cannot be used there is a problem of `state`, not of the agent: etcd can be looked at without. */
  async open(): Promise<void> {
    try {
      this.#take(await this.#store.read());
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      this.#problem = thrown;
    }
  }

  get register(): Register {
    return this.#kept.register;
  }

  /** Called after every change of the certificate or of the register. */
  onChange(listener: () => void): void {
    this.#changes.on('change', listener);
  }

  /** Resolves at the next change. */
  async changed(signal: AbortSignal): Promise<void> {
    await once(this.#changes, 'change', { signal });
  }

  isRevoked(serial: string): boolean {
    return this.#revoked.has(serial);
  }

  /** What this agent shows to others. @throws {Failure} `not-enrolled`, or why its state is unusable. */
  credentials(): DialCredentials {
    if (this.#own !== undefined) return this.#own.credentials;
    throw this.#problem ?? notEnrolled(this.node);
  }

  get isEnrolled(): boolean {
    return this.#own !== undefined;
  }

  state(listener: { readonly listening: boolean; readonly problem: Failure | undefined }): AccessState {
    const { authority, register } = this.#kept;
    const problem = this.#problem ?? listener.problem;
    const facts = authority === undefined ? undefined : readCertificate(authority.certificate);
    return {
      node: this.node,
      ...(authority === undefined || facts === undefined
        ? {}
        : {
            authority: {
              certificate: authority.certificate,
              fingerprint: facts.fingerprint,
              expiresAt: facts.notAfter.toISOString(),
            },
          }),
      ...(this.#own === undefined
        ? {}
        : { certificate: { serial: this.#own.serial, expiresAt: new Date(this.#own.expiresAtMs).toISOString() } }),
      listening: listener.listening,
      ...(problem === undefined ? {} : { problem: failureToRecord(problem, this.node) }),
      register,
    };
  }

  /** The authority with its key. @throws {Failure} `not-enrolled`. */
  authority(): Credentials {
    if (this.#kept.authority === undefined) throw this.#problem ?? notEnrolled(this.node);
    return this.#kept.authority;
  }

  /**
   * Takes the installation's authority, and what its register says. Doing it again changes nothing.
   * @throws {Failure} `other-authority` where the agent has another one already.
   */
  async adopt({ certificate, key, register }: AuthorityMessage): Promise<void> {
    await this.#inTurn(async () => {
      const present = this.#kept.authority?.certificate ?? (await this.#store.certificate());
      if (present !== undefined && readCertificate(present).fingerprint !== readCertificate(certificate).fingerprint)
        throw new Failure({
          reason: 'other-authority',
          what: 'the agent belongs to another installation of kubectl-etcd',
          node: this.node,
          why: `it keeps the authority ${readCertificate(present).fingerprint.slice(0, 16)}, and was given ${readCertificate(certificate).fingerprint.slice(0, 16)}`,
          next: 'look at the others with kubectl etcd access show; if the one here is to go, delete /var/lib/kubectl-etcd/access on this node and run kubectl etcd install',
          exit: exitCode.refused,
        });
      const merged = mergeRegisters(this.#kept.register, register);
      await this.#store.writeAll({ certificate, key }, merged);
      this.#take({ authority: { certificate, key }, register: merged });
    });
  }

  /** Merges what another knows. @returns whether anything was new. */
  async merge(other: Register): Promise<boolean> {
    return this.#inTurn(async () => {
      const merged = pruneRegister(mergeRegisters(this.#kept.register, other), Date.now());
      if (JSON.stringify(merged) === JSON.stringify(this.#kept.register)) return false;
      this.authority();
      await this.#store.writeRegister(merged);
      this.#take({ ...this.#kept, register: merged });
      return true;
    });
  }

  /** This node's entry among the nodes, where it is not so already. @returns whether it was new. */
  async announce(own: { readonly addresses: readonly string[]; readonly port: number }): Promise<boolean> {
    const { node: name } = this;
    const known = this.register.nodes.find((record) => record.name === name);
    const wanted = { name, addresses: [...own.addresses], port: own.port };
    if (known !== undefined && JSON.stringify(known) === JSON.stringify({ version: known.version, ...wanted }))
      return false;
    return this.merge(withNode(this.register, wanted));
  }

  /** Issues a certificate for a person. It stands in the register before it is given out. */
  async issue(request: CertificateRequest, by: string): Promise<{ certificate: string; record: CertificateRecord }> {
    const authority = this.authority();
    const nowMs = Date.now();
    const good = this.register.certificates.filter(
      ({ serial, expiresAt }) => !this.isRevoked(serial) && Date.parse(expiresAt) > nowMs,
    );
    if (good.length >= mostCertificates)
      throw new Failure({
        reason: 'too-many-certificates',
        what: `there are ${good.length} access files already`,
        next: 'kubectl etcd access list; kubectl etcd access revoke those that nobody needs',
        exit: exitCode.refused,
      });
    const { publicKey, name, lifeSeconds } = request;
    const issued = issueCertificate({ authority, publicKey, role: 'plugin', name, lifeMs: lifeSeconds * 1000, nowMs });
    const record = {
      serial: issued.serial,
      name,
      issuedAt: new Date(nowMs).toISOString(),
      expiresAt: issued.notAfter.toISOString(),
      issuedBy: by,
    };
    await this.merge({ ...emptyRegister, certificates: [record] });
    return { certificate: issued.certificate, record };
  }

  /**
   * A certificate for whoever is root on this node, for the time of a command. It stands in no register: there is nothing to revoke where it is on no
   * disk, and root can make himself another with the authority's key at any time.
   */
  pass(publicKey: string): string {
    const name = `root@${this.node}`;
    return issueCertificate({ authority: this.authority(), publicKey, role: 'plugin', name, lifeMs: passLifeMs })
      .certificate;
  }

  /** The certificates that `name` names: by name, or one by its serial number. */
  named(name: string): CertificateRecord[] {
    return this.register.certificates.filter((record) => record.name === name || record.serial === name.toLowerCase());
  }

  /** Withdraws all that `name` names; those that were withdrawn before stay as they are. */
  async revoke(name: string, by: string): Promise<{ certificate: CertificateRecord; revocation: RevocationRecord }[]> {
    const revokedAt = new Date().toISOString();
    const found = this.named(name);
    const known = new Map(this.register.revocations.map((record) => [record.serial, record]));
    const revoked = found.map((certificate) => ({
      certificate,
      revocation: known.get(certificate.serial) ?? {
        serial: certificate.serial,
        revokedAt,
        by,
        expiresAt: certificate.expiresAt,
      },
    }));
    await this.merge({ ...emptyRegister, revocations: revoked.map(({ revocation }) => revocation) });
    return revoked;
  }

  /** A new certificate of its own, when the present one is two thirds through its life, or the clock has jumped. */
  renewIfDue(nowMs: number): void {
    if (this.#own === undefined || nowMs < this.#own.renewAtMs) return;
    this.#own = this.#issueOwn(this.authority());
    this.#changes.emit('change');
  }

  /** Until its own certificate is due to be replaced; never less than a second. */
  renewsInMs(nowMs: number): number {
    return this.#own === undefined ? Infinity : Math.max(1_000, this.#own.renewAtMs - nowMs);
  }

  #take(kept: Kept): void {
    const renewed = kept.authority?.certificate !== this.#kept.authority?.certificate;
    this.#kept = kept;
    this.#revoked = new Set(kept.register.revocations.map(({ serial }) => serial));
    this.#problem = undefined;
    if (renewed && kept.authority !== undefined) this.#own = this.#issueOwn(kept.authority);
    this.#changes.emit('change');
  }

  #issueOwn(authority: Credentials): Own {
    const { key, publicKey } = newKeys();
    const nowMs = Date.now();
    const { certificate, serial, notAfter } = issueCertificate({
      authority,
      publicKey,
      role: 'agent',
      name: this.node,
      dnsName: agentServerName(this.node),
      lifeMs: this.#lifeMs,
      nowMs,
    });
    return {
      credentials: { authority: authority.certificate, certificate, key },
      serial,
      renewAtMs: nowMs + (notAfter.getTime() - nowMs) * renewAfterShare,
      expiresAtMs: notAfter.getTime(),
    };
  }

  #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(change);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function notEnrolled(node: string): Failure {
  return new Failure({
    reason: 'not-enrolled',
    what: 'the agent has no authority yet: it cannot be reached without the API server, and can issue no access file',
    node,
    next: 'kubectl etcd install',
  });
}
