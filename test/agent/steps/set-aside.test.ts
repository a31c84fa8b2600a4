/** Old data put aside, stopped at every call that changes something: nothing may be lost, and what came since never be mixed with it. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HostRoot } from '../../../agent/host/root.ts';
import type { StepContext } from '../../../agent/steps/step.ts';
import type { DataPlaces } from '../../../core/operation/steps.ts';
import { Killed, stoppable } from './stoppable-files.ts';

const stop = stoppable();
const { setAsideStep } = await import('../../../agent/steps/set-aside.ts');

const folder = mkdtempSync(existsSync('/dev/shm') ? '/dev/shm/aside-' : '/tmp/aside-');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Node {
  readonly log: 'inside' | 'own' | 'mount';
  /** How many old WAL files; undefined where there is no member. */
  readonly old: number | undefined;
  /** WAL files that are there although there is no member. */
  readonly orphans?: number;
}

const nodes: readonly (readonly [string, Node])[] = [
  ['the usual', { log: 'inside', old: 1 }],
  ['no member', { log: 'inside', old: undefined }],
  ['a WAL directory of its own', { log: 'own', old: 3 }],
  ['a WAL directory of its own, and no member', { log: 'own', old: undefined, orphans: 2 }],
  ['a WAL directory that is a mount point', { log: 'mount', old: 2 }],
];

let count = 0;

class Scene {
  readonly root = join(folder, String((count += 1)));
  readonly places: DataPlaces;
  readonly node: Node;

  constructor(node: Node) {
    this.node = node;
    const besideWal = node.log === 'own' ? '/wal-kubectl-etcd/j-2345' : '/wal/.kubectl-etcd/j-2345';
    this.places = {
      ...{ dataDir: '/etcd', besideData: '/etcd-kubectl-etcd/j-2345' },
      ...(node.log === 'inside' ? {} : { walDir: '/wal', besideWal }),
    };
    mkdirSync(join(this.root, 'etcd'), { recursive: true });
    this.put('/proc/locks', '');
    this.put('/etcd/notes', 'foreign');
    if (node.log !== 'inside') this.put('/wal/lost+found/1', 'foreign');
    if (node.old !== undefined) this.member('old', node.old);
    for (let at = 0; at < (node.orphans ?? 0); at += 1) this.put(`/wal/${at}.wal`, 'old');
  }

  /** As an etcd leaves it. */
  member(owner: 'old' | 'new', logs: number): void {
    this.put('/etcd/member/snap/db', owner);
    const at = this.node.log === 'inside' ? '/etcd/member/wal' : '/wal';
    for (let each = 0; each < logs; each += 1) this.put(`${at}/${each}.wal`, owner);
  }

  put(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  files(at = ''): [path: string, text: string][] {
    return readdirSync(join(this.root, at), { withFileTypes: true })
      .flatMap((entry): [string, string][] => {
        const path = join(at, entry.name);
        return entry.isDirectory() ? this.files(path) : [[path, readFileSync(join(this.root, path), 'utf8')]];
      })
      .sort(([one], [other]) => (one < other ? -1 : 1));
  }

  /** What etcd would find. */
  inPlace(): [string, string][] {
    return this.files().filter(([path, text]) => /^etcd\/|^wal\/[^.]/.test(path) && text !== 'foreign');
  }

  aside(): [string, string][] {
    return this.files().filter(([path]) => /kubectl-etcd/.test(path));
  }

  /** @returns whether it came to its end. */
  async run(way: 'apply' | 'undo', after = Infinity): Promise<boolean> {
    stop.after = after;
    stop.done = [];
    const context = { node: 'cp1', root: new HostRoot(this.root) } as StepContext;
    const hadMember = this.node.old !== undefined;
    try {
      await setAsideStep[way]({ kind: 'set-aside', places: this.places, hadMember }, context);
      return true;
    } catch (thrown) {
      if (thrown instanceof Killed) return false;
      throw thrown;
    } finally {
      stop.after = Infinity;
    }
  }
}

describe.each(nodes)('%s', (_, node) => {
  const oldFiles = new Scene(node).inPlace().length;

  test('goes aside, and nothing is in its place', async () => {
    const scene = new Scene(node);
    await scene.run('apply');
    expect(scene.inPlace()).toEqual([]);
    expect(scene.aside()).toHaveLength(oldFiles);
    expect(scene.files().filter(([, text]) => text === 'foreign').length).toBeGreaterThan(0);
  });

  test('stopped at every call, and gone on with', async () => {
    for (let after = 0; ; after += 1) {
      const scene = new Scene(node);
      const ended = await scene.run('apply', after);
      expect(scene.files().filter(([, text]) => text === 'old')).toHaveLength(oldFiles);
      await scene.run('apply');
      expect(scene.inPlace()).toEqual([]);
      expect(scene.aside()).toHaveLength(oldFiles);
      if (ended) break;
      expect(after).toBeLessThan(40);
    }
  });

  test('stopped at every call, and undone, stopped at every call of that too', async () => {
    const before = new Scene(node).files();
    let ended = false;
    for (let after = 0; !ended; after += 1)
      for (let back = 0; ; back += 1) {
        const scene = new Scene(node);
        ended = await scene.run('apply', after);
        const undone = await scene.run('undo', back);
        await scene.run('undo');
        expect(scene.files()).toEqual(before);
        if (undone) break;
      }
  });

  test('an etcd has begun anew since: what it wrote goes aside, and what was comes back, stopped at every call', async () => {
    const before = new Scene(node).inPlace();
    for (let back = 0; ; back += 1) {
      const scene = new Scene(node);
      await scene.run('apply');
      scene.member('new', 2);
      const undone = await scene.run('undo', back);
      expect(scene.files().filter(([, text]) => text === 'new')).toHaveLength(3);
      await scene.run('undo');
      expect(scene.inPlace()).toEqual(before);
      expect(scene.aside().map(([, text]) => text)).toEqual(['new', 'new', 'new']);
      await scene.run('undo');
      expect(scene.inPlace()).toEqual(before);
      if (undone) break;
    }
  });
});

test('what is being taken back does not go aside again', async () => {
  const scene = new Scene({ log: 'inside', old: 1 });
  await scene.run('apply');
  scene.member('new', 1);
  await scene.run('undo');
  await expect(scene.run('apply')).rejects.toMatchObject({ reason: 'being-rolled-back', exit: 5 });
});

test('a member that has gone since it was planned is not taken for one that was put aside', async () => {
  const scene = new Scene({ log: 'inside', old: 1 });
  rmSync(join(scene.root, 'etcd/member'), { recursive: true });
  await expect(scene.run('apply')).rejects.toMatchObject({ reason: 'data-lost' });
});
