import type { Difference, DifferenceGroup } from '../../core/snapshot/difference.ts';
import { oneLine } from '../report/text.ts';
import { isNoise, rankOf } from './importance.ts';
import type { LostDocument } from './lost.ts';

/** Resources and namespaces that a line names; what is beyond them is counted. */
const mostNamed = 6;
const mostNamespaces = 3;

const labels = { lost: 'Lost, compared with now:', broughtBack: 'Brought back:', setBack: 'Set back:' } as const;
const labelColumns = Math.max(...Object.values(labels).map(({ length }) => length)) + 3;

/**
 * What would be lost, brought back and set back, a line each, for a person who is about to say yes: what matters first, whole namespaces by their
 * names, events and leases last.
 */
export function lostLines(document: LostDocument): string[] {
  if (document.live === null) {
    const { node, what, why } = document.unreadable;
    const reason = [node, what, why].filter(Boolean).join(': ');
    return [line('lost', `unknown, as the running etcd cannot be read: ${reason}`)];
  }
  const { lost, broughtBack, setBack, setBackUnknown = '' } = document;
  return [
    line('lost', itemsOf(lost, 'wholeNamespaces').join(', ')),
    line('broughtBack', itemsOf(broughtBack, 'wholeNamespaces').join(', ')),
    line('setBack', setBack === null ? `unknown: ${setBackUnknown}` : itemsOf(setBack).join(', ')),
  ];
}

function line(label: keyof typeof labels, text: string): string {
  return `${labels[label].padEnd(labelColumns)}${oneLine(text === '' ? 'nothing' : text)}`;
}

function itemsOf(difference: Difference, whole?: 'wholeNamespaces'): string[] {
  const gone = new Set(whole === undefined ? [] : difference.namespaces);
  const isWithin = ({ resource, namespace }: DifferenceGroup) =>
    namespace !== undefined && gone.has(namespace) && !isNoise(resource);
  const namespaces = namespaceItems(difference, gone, isWithin);
  const rest = difference.groups.filter(
    (group) => !isWithin(group) && !(gone.size > 0 && group.resource === 'namespaces'),
  );
  const resources = byResource(rest);
  const named = resources.filter(({ resource }) => !isNoise(resource));
  const shown = named.slice(0, Math.max(1, mostNamed - namespaces.length));
  const more = named.slice(shown.length);
  const moreKeys = more.reduce((sum, { keys }) => sum + keys, 0);
  const { keys: others } = difference.others;
  return [
    ...namespaces,
    ...shown.map(itemOf),
    ...(more.length === 0 ? [] : [`${moreKeys} of ${counted(more.length, 'more resources')}`]),
    ...(others === 0 ? [] : [`${counted(others, 'keys')} outside Kubernetes`]),
    ...resources.filter(({ resource }) => isNoise(resource)).map(({ keys, resource }) => counted(keys, resource)),
  ];
}

/** `namespace legacy with 61 objects`. */
function namespaceItems(
  { groups, namespaces }: Difference,
  gone: ReadonlySet<string>,
  isWithin: (group: DifferenceGroup) => boolean,
): string[] {
  if (gone.size === 0) return [];
  const objects = new Map(namespaces.map((name) => [name, 0]));
  for (const group of groups)
    if (group.namespace !== undefined && isWithin(group))
      objects.set(group.namespace, (objects.get(group.namespace) ?? 0) + group.keys);
  const largest = [...objects].sort(([, one], [, other]) => other - one);
  const shown = largest.slice(0, mostNamespaces);
  // Those beyond the names that are kept are in the group of namespaces alone.
  const total = groups.find(({ resource }) => resource === 'namespaces')?.keys ?? namespaces.length;
  const moreObjects = largest.slice(shown.length).reduce((sum, [, keys]) => sum + keys, 0);
  return [
    ...shown.map(([name, keys]) => `namespace ${name} with ${counted(keys, 'objects')}`),
    ...(total === shown.length
      ? []
      : [`${counted(total - shown.length, 'more namespaces')} with ${counted(moreObjects, 'objects')}`]),
  ];
}

interface ResourceItem {
  readonly resource: string;
  keys: number;
  readonly groups: DifferenceGroup[];
}

/** Of all namespaces; what matters first, then the most. */
function byResource(groups: readonly DifferenceGroup[]): ResourceItem[] {
  const items = new Map<string, ResourceItem>();
  for (const group of groups) {
    const item = items.get(group.resource) ?? { resource: group.resource, keys: 0, groups: [] };
    items.set(group.resource, item);
    item.keys += group.keys;
    item.groups.push(group);
  }
  return [...items.values()].sort(
    (one, other) =>
      rankOf(one.resource) - rankOf(other.resource) ||
      other.keys - one.keys ||
      (one.resource < other.resource ? -1 : 1),
  );
}

/** `1 deployment (shop/cart)`, `3 configmaps (shop)`, `2 nodes (w1, w2)`, `14 pods`. */
function itemOf({ resource, keys, groups }: ResourceItem): string {
  return `${counted(keys, resource)}${place(groups, keys)}`;
}

function place(groups: readonly DifferenceGroup[], keys: number): string {
  const [only, second] = groups;
  if (only === undefined || second !== undefined) return '';
  const { namespace, examples } = only;
  if (namespace === undefined) return keys <= examples.length ? ` (${examples.join(', ')})` : '';
  return keys === 1 ? ` (${namespace}/${examples.join('')})` : ` (${namespace})`;
}

/** `1 pod`, `2 pods`; of `widgets.example.com` the first word is the plural. */
export function counted(count: number, plural: string): string {
  return `${count} ${count === 1 ? singular(plural) : plural}`;
}

function singular(plural: string): string {
  const [word = '', ...group] = plural.split('.');
  const one = word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/(?<=ss|x|ch|sh)es$|s$/, '');
  return [one, ...group].join('.');
}
