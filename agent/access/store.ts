import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Credentials } from '../../core/access/certificates.ts';
import { emptyRegister, register } from '../../core/access/register.ts';
import type { Register } from '../../core/access/register.ts';
import { Failure, messageOf, systemCode } from '../../core/failure.ts';
import { decodeJson } from '../../core/protocol/decode.ts';

/** What the agent keeps on its node's disk: the authority with its key, as kubeadm keeps its own, and the register. Never in etcd. */
export interface Kept {
  readonly authority: Credentials | undefined;
  readonly register: Register;
}

const file = { certificate: 'ca.crt', key: 'ca.key', register: 'register.json' } as const;

/** The directory `access` of the agent's state: 0700, and its files 0600. Each file is replaced in one rename, or not at all. */
export class AccessStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * An authority without its register is damage, and no agent serves with it: the list of what was revoked would be missing.
   * @throws {Failure} `access-state-unreadable`.
   */
  async read(): Promise<Kept> {
    const [certificate, key, text] = await Promise.all([
      this.#text(file.certificate),
      this.#text(file.key),
      this.#text(file.register),
    ]);
    if (certificate === undefined) return { authority: undefined, register: emptyRegister };
    if (key === undefined || text === undefined)
      throw this.#unreadable(join(this.#directory, key === undefined ? file.key : file.register), 'it is missing');
    try {
      return { authority: { certificate, key }, register: decodeJson(register, text, { what: file.register }) };
    } catch (cause) {
      const why = cause instanceof Failure ? cause.why : messageOf(cause);
      throw this.#unreadable(join(this.#directory, file.register), why ?? messageOf(cause), cause);
    }
  }

  /** The authority's certificate, also where the rest is damaged. */
  async certificate(): Promise<string | undefined> {
    return this.#text(file.certificate);
  }

  /** The certificate last: it is what says that all is there. */
  async writeAll(authority: Credentials, kept: Register): Promise<void> {
    await this.#write(file.key, authority.key);
    await this.writeRegister(kept);
    await this.#write(file.certificate, authority.certificate);
  }

  async writeRegister(kept: Register): Promise<void> {
    await this.#write(file.register, `${JSON.stringify(kept, null, 2)}\n`);
  }

  async #text(name: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#directory, name), 'utf8');
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return undefined;
      throw this.#unreadable(join(this.#directory, name), messageOf(thrown), thrown);
    }
  }

  async #write(name: string, text: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, name);
    const partPath = `${path}.part`;
    {
      await using part = await open(partPath, 'w', 0o600);
      // An earlier part may have been made with another mode.
      await part.chmod(0o600);
      await part.writeFile(text);
      await part.sync();
    }
    await rename(partPath, path);
    await using directory = await open(dirname(path));
    await directory.sync();
  }

  #unreadable(path: string, why: string, cause?: unknown): Failure {
    return new Failure({
      reason: 'access-state-unreadable',
      what: `the agent cannot use ${path}`,
      why,
      next: 'kubectl etcd install gives this node what the others have; without it the agent is reached through the API server alone',
      cause,
    });
  }
}
