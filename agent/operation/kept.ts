import { readdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Failure } from '../../core/failure.ts';
import type { KeptOperation, KeptReply } from '../../core/operation/messages.ts';
import { allSteps } from '../../core/operation/plan.ts';
import { keptFolder } from '../certificates/beside.ts';
import { besidePaths } from '../steps/step.ts';
import { isThere, sizeOf } from '../host/durable.ts';
import type { Operations } from './operations.ts';

type Kept = KeptReply['kept'][number];

/** What operations and fences have moved aside on this node, or saved before they began. What is not there any more is not listed. */
export async function listKept(operations: Operations): Promise<Kept[]> {
  const byOperations = await keptByOperations(operations);
  const held = await operations.fenceKeeper.movedAside();
  // A manifest that an operation had moved aside before it was fenced is that operation's.
  return [...byOperations, ...held.filter(({ path }) => !byOperations.some((each) => each.path === path))];
}

async function keptByOperations({ store, root, node }: Operations): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (const operation of await store.all())
    for (const { path, what, inPlaceOf } of placesOf(operation, node, store.folderOf(operation.plan.id))) {
      const here = path.startsWith(store.folderOf(operation.plan.id)) ? path : await root.here(path);
      if (!(await isThere(here))) continue;
      const { id, createdAt } = operation.plan;
      kept.push({
        ...{ operation: id, path, what, sizeBytes: await sizeOf(here), since: createdAt },
        ...(inPlaceOf === undefined ? {} : { inPlaceOf }),
      });
    }
  return kept;
}

/**
 * Deletes what the named operations have kept here; one that is not known here has kept nothing. @returns what was deleted.
 * @throws {Failure} `operation-open` for one that is not closed: it may have to be rolled back.
 */
export async function deleteKept(operations: Operations, ids: readonly string[]): Promise<Kept[]> {
  const { store, root, node } = operations;
  const known = (await store.all()).filter(({ plan }) => ids.includes(plan.id));
  for (const { closed, plan } of known)
    if (!closed)
      throw new Failure({
        reason: 'operation-open',
        what: `the operation ${plan.id} is not finished, and may need what it keeps`,
        node,
        why: plan.title,
        next: `kubectl etcd operation show ${plan.id}`,
        exit: 5,
      });
  const doomed = (await keptByOperations(operations)).filter(({ operation }) => ids.includes(operation));
  // Where a fence has moved what ran last, that is the one that is needed.
  const held = new Set((await operations.fenceKeeper.movedAside()).map(({ inPlaceOf }) => inPlaceOf));
  for (const each of doomed) if (!held.has(each.inPlaceOf)) await refuseLast(each, operations);
  for (const { operation, path } of doomed) {
    const own = store.folderOf(operation);
    await rm(path.startsWith(own) ? path : await root.here(path), { recursive: true, force: true });
    if (!path.startsWith(own)) await dropEmpty(await root.here(posix.dirname(path)));
  }
  return doomed;
}

/** What was abandoned half-way, by a person or by a fence, may have left the only copy here. */
async function refuseLast({ operation, path, inPlaceOf }: Kept, { root, node }: Operations): Promise<void> {
  if (inPlaceOf === undefined || (await isThere(await root.here(inPlaceOf)))) return;
  throw new Failure({
    reason: 'kept-still-needed',
    what: `${path} is all that there is: nothing is in its place, ${inPlaceOf}`,
    node,
    why: `the operation ${operation} was abandoned half-way here`,
    next: `on the node: see what is in ${path}, and put it back to ${inPlaceOf} first`,
    exit: 5,
  });
}

function placesOf(
  { plan }: KeptOperation,
  node: string,
  folder: string,
): { path: string; what: string; inPlaceOf?: string }[] {
  return allSteps(plan)
    .filter((step) => step.node === node)
    .flatMap(({ does }) => {
      if (does.kind === 'safeguard')
        return [
          { path: join(folder, does.file), what: 'snapshot taken before' },
          { path: join(folder, `${does.file}.copy`), what: 'copy taken before' },
        ];
      if (does.kind === 'exchange' || does.kind === 'set-aside') {
        const { built, builtWal, kept, keptWal, undone, undoneWal } = besidePaths(does.places);
        const ofWal = (path: string | undefined, what: string) => (path === undefined ? [] : [{ path, what }]);
        return [
          { path: kept, what: 'old data', inPlaceOf: posix.join(does.places.dataDir, 'member') },
          { path: undone, what: 'data that was rolled back' },
          // Of an operation that was abandoned.
          { path: built, what: 'new data that was not used' },
          ...ofWal(keptWal, 'old write-ahead log'),
          ...ofWal(undoneWal, 'write-ahead log that was rolled back'),
          ...ofWal(builtWal, 'new write-ahead log that was not used'),
        ];
      }
      if (does.kind === 'exchange-certificates') return oldCertificates(does.pairs, plan.id);
      if (does.kind === 'stop')
        return does.workloads.flatMap((each) =>
          each.by === 'systemd' && each.environment !== undefined
            ? [
                {
                  path: each.environment.aside,
                  what: `old variables of ${each.unit}`,
                  inPlaceOf: each.environment.file,
                },
              ]
            : each.by === 'static-pod'
              ? [
                  { path: each.aside, what: `old manifest of ${each.component}`, inPlaceOf: each.file },
                  { path: `${each.aside}.edited`, what: `manifest of ${each.component} that was rolled back` },
                ]
              : [],
        );
      return [];
    });
}

/** One entry a folder: they were exchanged together. */
function oldCertificates(pairs: readonly { readonly certFile: string; readonly keyFile: string }[], id: string) {
  const folders = new Set(
    pairs.flatMap(({ certFile, keyFile }) => [certFile, keyFile]).map((file) => keptFolder(file, id)),
  );
  return [...folders].map((path) => ({ path, what: 'old certificates and keys' }));
}

/** The folder of an operation that keeps nothing any more, and the one around it. */
async function dropEmpty(folder: string): Promise<void> {
  for (const each of [folder, join(folder, '..')]) {
    const names = await readdir(each).catch(() => ['?']);
    if (names.length > 0) return;
    await rm(each, { recursive: true, force: true });
  }
}
