import { link, mkdir, open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { Failure, messageOf, systemCode } from '../../core/failure.ts';
import { decodeJson } from '../../core/protocol/decode.ts';
import { parseJournal } from '../../core/operation/journal.ts';
import type { JournalRecord } from '../../core/operation/journal.ts';
import type { KeptOperation } from '../../core/operation/messages.ts';
import { allSteps, isNewer, operationId, plan } from '../../core/operation/plan.ts';
import type { Plan } from '../../core/operation/plan.ts';
import { syncPath } from '../host/sync-tree.ts';

const planFile = 'plan.json';
const journalFile = 'journal.jsonl';
/** Looks, and leaves nothing that would have to be undone. */
const repeatable: ReadonlySet<string> = new Set(['check', 'cure']);

/**
 * What a node's disk keeps of operations: a folder each, with the plan, the journal and the files that came with it. An operation is open until
 * its journal says that it is closed; while one is, no other can be taken up.
 */
export class OperationStore {
  readonly #folder: string;
  readonly #node: string;

  constructor({ stateDirectory, node }: { readonly stateDirectory: string; readonly node: string }) {
    this.#folder = join(stateDirectory, 'operations');
    this.#node = node;
  }

  /** The operation's own folder. */
  folderOf(id: string): string {
    return join(this.#folder, v.parse(operationId, id));
  }

  /**
   * All that are kept, the newest first. One that is closed and cannot be read, as an agent of another version has written it, is history and left
   * out: it must not keep anybody from restoring.
   * @throws {Failure} `operation-unreadable` for one that may be open.
   */
  async all(): Promise<KeptOperation[]> {
    const names = await readdir(this.#folder).catch((thrown: unknown) => {
      if (systemCode(thrown) === 'ENOENT') return [];
      throw thrown;
    });
    const ids = names.filter((name) => v.is(operationId, name));
    const kept = (await Promise.all(ids.map((id) => this.#readUnlessHistory(id)))).flat();
    return kept.sort((one, other) => (one.plan.createdAt < other.plan.createdAt ? 1 : -1));
  }

  async #readUnlessHistory(id: string): Promise<KeptOperation[]> {
    try {
      return [await this.read(id)];
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.reason === 'operation-unreadable' && (await this.#isClosed(id)))
        return [];
      throw thrown;
    }
  }

  /** By the one record that every version writes alike. */
  async #isClosed(id: string): Promise<boolean> {
    const journal = await readFile(join(this.folderOf(id), journalFile), 'utf8').catch(() => '');
    return journal
      .split('\n')
      .slice(0, -1)
      .some((line) => line.startsWith('{"event":"closed",'));
  }

  /** The one that is not closed. */
  async open(): Promise<KeptOperation | undefined> {
    return (await this.all()).find(({ closed }) => !closed);
  }

  /** @throws {Failure} `unknown-operation`, `operation-unreadable`. */
  async read(id: string): Promise<KeptOperation> {
    const folder = this.folderOf(id);
    let texts: [string, string];
    try {
      texts = await Promise.all([
        readFile(join(folder, planFile), 'utf8'),
        readFile(join(folder, journalFile), 'utf8'),
      ]);
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') throw this.#unknown(id);
      throw this.#unreadable(id, cause);
    }
    try {
      const journal = parseJournal(texts[1]);
      const closed = journal.some(({ event }) => event === 'closed');
      return { plan: decodeJson(plan, texts[0], { what: planFile }), journal, closed };
    } catch (cause) {
      throw this.#unreadable(id, cause);
    }
  }

  /**
   * Takes an operation up: from here on no other can be. The folder appears whole, or not at all. The same plan again is no change.
   * @returns whether it was not taken up before.
   * @throws {Failure} `operation-open` naming the one that is; `operation-differs` where the id is known with another plan.
   */
  async takeUp(wanted: Plan): Promise<boolean> {
    const open = await this.open();
    if (open !== undefined && open.plan.id !== wanted.id) throw this.#other(open);
    const known = await this.read(wanted.id).catch((thrown: unknown) => {
      if (thrown instanceof Failure && thrown.reason === 'unknown-operation') return undefined;
      throw thrown;
    });
    if (known !== undefined) {
      if (JSON.stringify(known.plan) === JSON.stringify(wanted) && !known.closed) return false;
      throw new Failure({
        reason: 'operation-differs',
        what: `the operation ${wanted.id} is known here, and is ${known.closed ? 'closed' : 'another'}`,
        node: this.#node,
        next: 'kubectl etcd operation list',
        exit: 5,
      });
    }
    const part = join(this.#folder, `.${wanted.id}.part`);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { mode: 0o700 });
    await writeDurably(join(part, planFile), `${JSON.stringify(wanted, null, 1)}\n`);
    await writeDurably(join(part, journalFile), '');
    await syncPath(part);
    await rename(part, this.folderOf(wanted.id));
    await syncPath(this.#folder);
    return true;
  }

  /**
   * Another plan for an operation that is open: it goes on without a node that is gone for good. The one before stays beside it. The same again is
   * no change.
   * @throws {Failure} `unknown-operation`; `operation-differs` where it is no newer one, or leaves out what has begun here and can be undone.
   */
  async change(wanted: Plan): Promise<void> {
    const { plan: known, journal, closed } = await this.read(wanted.id);
    if (JSON.stringify(known) === JSON.stringify(wanted)) return;
    const stepsHere = new Map(allSteps(wanted).map((step) => [step.id, JSON.stringify(step)]));
    const begun = new Set(journal.flatMap((record) => ('step' in record ? [record.step] : [])));
    const lost = allSteps(known).filter(
      (step) =>
        begun.has(step.id) && !repeatable.has(step.does.kind) && stepsHere.get(step.id) !== JSON.stringify(step),
    );
    if (closed || !isNewer(wanted, known) || lost.length > 0)
      throw new Failure({
        reason: 'operation-differs',
        what: `the operation ${wanted.id} cannot go on with this plan here`,
        node: this.#node,
        why: closed ? 'it is closed' : lost.map(({ id }) => `${id} has begun`).join(', ') || 'it has a newer one',
        next: `kubectl etcd operation show ${wanted.id}`,
        exit: 5,
      });
    const folder = this.folderOf(wanted.id);
    const part = join(folder, `.${planFile}.part`);
    await rm(part, { force: true });
    await writeDurably(part, `${JSON.stringify(wanted, null, 1)}\n`);
    const before = join(folder, `plan-${known.version ?? 1}.json`);
    await rm(before, { force: true });
    await link(join(folder, planFile), before);
    await rename(part, join(folder, planFile));
    await syncPath(folder);
  }

  /** One line, on the disk when this returns. */
  async append(id: string, record: JournalRecord): Promise<void> {
    const path = join(this.folderOf(id), journalFile);
    await dropTornLine(path);
    await using file = await open(path, 'a');
    await file.writeFile(`${JSON.stringify(record)}\n`);
    await file.datasync();
  }

  /** Files that came with an operation and are no longer needed when it is closed. */
  async dropFiles(id: string, names: readonly string[]): Promise<void> {
    for (const name of names) await rm(join(this.folderOf(id), name), { force: true, recursive: true });
  }

  #other({ plan: { id, title, by } }: KeptOperation): Failure {
    return new Failure({
      reason: 'operation-open',
      what: `the operation ${id} is not finished`,
      node: this.#node,
      why: `${title}, begun by ${by}; one operation at a time`,
      next: `kubectl etcd operation show ${id}; then resume, rollback or abandon it`,
      exit: 5,
    });
  }

  #unknown(id: string): Failure {
    return new Failure({
      reason: 'unknown-operation',
      what: `there is no operation ${id}`,
      node: this.#node,
      next: 'kubectl etcd operation list',
      exit: 2,
    });
  }

  #unreadable(id: string, cause: unknown): Failure {
    return new Failure({
      reason: 'operation-unreadable',
      what: `cannot read what is kept of the operation ${id}`,
      node: this.#node,
      why: messageOf(cause),
      next: `on the node: ls -l ${this.folderOf(id)}`,
      cause,
    });
  }
}

/** For whoever asks something of an operation that has ended. */
export function closedAlready(id: string, node: string): Failure {
  const what = `the operation ${id} is closed`;
  return new Failure({ reason: 'operation-closed', what, node, next: `kubectl etcd operation show ${id}`, exit: 5 });
}

/** What was being written when the power went: the next line must not be joined to it. */
async function dropTornLine(path: string): Promise<void> {
  const bytes = await readFile(path);
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  if (wholeBytes < bytes.length) await truncate(path, wholeBytes);
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(text);
  await file.sync();
}
