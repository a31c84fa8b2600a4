import { expect, test } from '@jest/globals';
import { conditionAilments } from './node-condition.ts';
import type { NodeCondition } from './node-condition.ts';

const well: NodeCondition = { init: 4711, unplugged: false, disk: 'joined' };

test.each<{ condition: NodeCondition; ailments: readonly string[] }>([
  { condition: well, ailments: [] },
  { condition: { ...well, init: undefined }, ailments: ['cp2 is off: hack/lab boot cp2'] },
  { condition: { ...well, unplugged: true }, ailments: ['cp2 is unplugged: hack/lab plug cp2'] },
  {
    condition: { ...well, init: undefined, unplugged: true },
    ailments: ['cp2 is off: hack/lab boot cp2', 'cp2 is unplugged: hack/lab plug cp2'],
  },
  {
    condition: { ...well, disk: 'fresh' },
    ailments: ['cp2 is a fresh machine: kubeadm join, or hack/lab down and up'],
  },
  {
    condition: { init: undefined, unplugged: true, disk: 'half-wiped' },
    ailments: ['cp2 is half wiped: hack/lab wipe cp2'],
  },
  { condition: { init: undefined, unplugged: false, disk: 'missing' }, ailments: ['cp2 has no disk: hack/lab up'] },
])('$condition: $ailments', ({ condition, ailments }) => {
  expect(conditionAilments('cp2', condition)).toEqual(ailments);
});
