/** What differs between the kinds of operations in what a person reads of them. */
import { randomInt } from 'node:crypto';
import type { Plan } from '../../core/operation/plan.ts';

export interface KindWords {
  /** The first letter of its ids. */
  readonly letter: string;
  /** `Restored in 41 s` */
  readonly done: string;
  /** Why there is no going back any more, once a phase that serves the new state has begun. */
  readonly noWayBack: string;
  /** What is done instead. */
  readonly instead: string;
  /** What would be lost by going back all the same. */
  readonly lostByForce: string;
}

const served: Pick<KindWords, 'noWayBack' | 'instead' | 'lostByForce'> = {
  noWayBack: 'an API server may have served the new data',
  instead: 'going back is a restore of what was kept',
  lostByForce:
    'what it wrote since would be lost, and revisions would come again with other content: every kubelet and controller would have to be restarted',
};
const removed: typeof served = {
  noWayBack: 'the old member may have left the cluster, for good',
  instead: 'going on brings the node back; abandoned, it can be rejoined anew',
  lostByForce: 'its data is of a member that the others do not let in any more',
};

const words: { readonly [Kind in Plan['kind']]: KindWords } = {
  restore: { letter: 'r', done: 'Restored', ...served },
  recover: { letter: 'v', done: 'Recovered', ...served },
  rejoin: { letter: 'j', done: 'Rejoined', ...removed },
  replace: { letter: 'p', done: 'Replaced', ...removed },
  'member-add': { letter: 'a', done: 'Added', ...removed },
  'member-remove': { letter: 'm', done: 'Removed', ...removed },
  'certs-renew': { letter: 'c', done: 'Renewed', ...removed },
};

export function wordsOf({ kind }: Pick<Plan, 'kind'>): KindWords {
  return words[kind];
}

/** Without letters that look like digits. */
const idLetters = '23456789abcdefghjkmnpqrstuvwxyz';

/** `r-7kq2m`: of the 28 million of a kind, none that is likely to be known already. */
export function newOperationId(kind: Plan['kind']): string {
  const letters = Array.from({ length: 5 }, () => idLetters[randomInt(idLetters.length)]).join('');
  return `${words[kind].letter}-${letters}`;
}
