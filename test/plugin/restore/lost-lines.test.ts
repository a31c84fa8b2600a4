import { describe, expect, test } from '@jest/globals';
import { DifferenceCounter } from '../../../core/snapshot/difference.ts';
import type { Difference } from '../../../core/snapshot/difference.ts';
import { counted, lostLines } from '../../../plugin/restore/lost-lines.ts';
import type { Compared } from '../../../plugin/restore/lost.ts';

const several = (count: number, path: string) => Array.from({ length: count }, (_, at) => `${path}${at}`);

/** Of keys below /registry/, and of others, which begin with a dot. */
function difference(...paths: string[]): Difference {
  const counter = new DifferenceCounter();
  for (const path of paths.sort()) counter.add(path.startsWith('.') ? path : `/registry/${path}`);
  return counter.finish();
}

const none = difference();
const document = (parts: Partial<Compared>): Compared => ({
  snapshot: { file: 'backup.db', revision: 10, keys: 100 },
  live: { node: 'cp1', etcdClusterId: 'a', memberId: 'b', revision: 20, keys: 100 },
  ...{ lost: none, broughtBack: none, setBack: none, ...parts },
});

/** What stands behind the label of what is lost. */
const lost = (...paths: string[]) => lostLines(document({ lost: difference(...paths) }))[0]?.slice(27);

describe('what is lost', () => {
  test.each<[what: string, paths: string[], text: string]>([
    ['nothing', [], 'nothing'],
    ['one object', ['deployments/shop/cart'], '1 deployment (shop/cart)'],
    ['several in one namespace', several(3, 'configmaps/shop/c'), '3 configmaps (shop)'],
    ['several in several namespaces', [...several(13, 'pods/shop/p'), 'pods/web/p'], '14 pods'],
    ['few without a namespace', ['minions/w1', 'minions/w2'], '2 nodes (w1, w2)'],
    ['many without a namespace', several(9, 'minions/w'), '9 nodes'],
    [
      'what matters first, noise last',
      [
        ...several(412, 'events/shop/e'),
        ...several(14, 'pods/shop/p'),
        ...several(2, 'leases/kube-node-lease/w'),
        ...several(3, 'configmaps/shop/c'),
        'deployments/shop/cart',
        'example.com/widgets/shop/w',
      ],
      '1 deployment (shop/cart), 3 configmaps (shop), 1 widget.example.com (shop/w), 14 pods (shop), 412 events, 2 leases',
    ],
    [
      'a namespace with all that is in it, but for its events',
      ['namespaces/legacy', ...several(60, 'pods/legacy/p'), 'secrets/legacy/s', ...several(5, 'events/legacy/e')],
      'namespace legacy with 61 objects, 5 events',
    ],
    [
      'a namespace, and something in another',
      ['namespaces/legacy', 'secrets/legacy/s', 'secrets/shop/s'],
      'namespace legacy with 1 object, 1 secret (shop/s)',
    ],
    [
      'many namespaces: the largest by name',
      several(9, 'n').flatMap((name, at) => [`namespaces/${name}`, ...several(at, `pods/${name}/p`)]),
      'namespace n8 with 8 objects, namespace n7 with 7 objects, namespace n6 with 6 objects, 6 more namespaces with 15 objects',
    ],
    [
      'more than a line has room for',
      ['secrets', 'services/specs', 'daemonsets', 'a', 'b', 'c', 'd', 'e'].map((path) => `${path}/shop/x`),
      '1 daemonset (shop/x), 1 service (shop/x), 1 secret (shop/x), 1 a (shop/x), 1 b (shop/x), 1 c (shop/x), 2 of 2 more resources',
    ],
    ['keys that are no objects', ['.one', '.two', 'pods/shop/a'], '1 pod (shop/a), 2 keys outside Kubernetes'],
    ['a name that would move the cursor', ['pods/shop/\u001b[2Jx'], '1 pod (shop/x)'],
  ])('%s', (_what, paths, text) => {
    expect(lost(...paths)).toBe(text);
  });
});

describe('the lines', () => {
  test('stand under each other', () => {
    expect(
      lostLines(
        document({
          lost: difference('deployments/shop/cart'),
          broughtBack: difference('namespaces/legacy', ...several(61, 'pods/legacy/p')),
          setBack: difference('secrets/shop/tls', 'namespaces/shop'),
        }),
      ),
    ).toEqual([
      'Lost, compared with now:   1 deployment (shop/cart)',
      'Brought back:              namespace legacy with 61 objects',
      'Set back:                  1 secret (shop/tls), 1 namespace (shop)',
    ]);
  });

  test('say where revisions tell nothing', () => {
    const [, , line] = lostLines(
      document({ setBack: null, setBackUnknown: 'the snapshot is of another cluster, staging' }),
    );
    expect(line).toBe('Set back:                  unknown: the snapshot is of another cluster, staging');
  });

  test('say why, where etcd cannot be read', () => {
    const unreadable = {
      reason: 'etcd-silent',
      what: 'etcd does not answer',
      node: 'cp1',
      why: 'connect ECONNREFUSED',
    };
    expect(lostLines({ snapshot: { file: 'backup.db', revision: 10 }, live: null, unreadable })).toEqual([
      'Lost, compared with now:   unknown, as the running etcd cannot be read: cp1: etcd does not answer: connect ECONNREFUSED',
    ]);
  });
});

test.each([
  [1, 'pods', '1 pod'],
  [2, 'pods', '2 pods'],
  [1, 'ingresses', '1 ingress'],
  [1, 'storageclasses', '1 storageclass'],
  [1, 'networkpolicies', '1 networkpolicy'],
  [1, 'leases', '1 lease'],
  [1, 'apiservices.apiregistration.k8s.io', '1 apiservice.apiregistration.k8s.io'],
  [0, 'boxes.example.com', '0 boxes.example.com'],
  [1, 'boxes.example.com', '1 box.example.com'],
])('%i %s: %s', (count, plural, text) => {
  expect(counted(count, plural)).toBe(text);
});
