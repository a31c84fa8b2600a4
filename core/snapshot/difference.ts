/** Keys that differ in some way, counted by resource and namespace, in bounded memory whatever their number. */
import { defaultPrefix, parseKeyName } from './kubernetes/key-name.ts';

export interface DifferenceGroup {
  /** The plural, as kubectl takes it: `pods`, `widgets.example.com`. */
  readonly resource: string;
  /** Absent for what has none, and for what is beyond the number of groups that are kept. */
  readonly namespace?: string;
  readonly keys: number;
  /** Names of the first few. */
  readonly examples: readonly string[];
}

export interface Difference {
  readonly keys: number;
  /** In the order of keys. */
  readonly groups: readonly DifferenceGroup[];
  /** Those that are no objects of Kubernetes. */
  readonly others: { readonly keys: number; readonly examples: readonly string[] };
  /** Names of the namespaces among them that differ themselves; the first thousand. */
  readonly namespaces: readonly string[];
}

const mostExamples = 3;
const mostNamespaces = 1_000;
/** More pairs of resource and namespace than this are counted by resource. */
const usualMostGroups = 10_000;

interface Count {
  keys: number;
  readonly examples: string[];
}
type Group = Count & Pick<DifferenceGroup, 'resource' | 'namespace'>;

export class DifferenceCounter {
  readonly #etcdPrefix: string;
  readonly #mostGroups: number;
  readonly #groups = new Map<string, Group>();
  readonly #others: Count = { keys: 0, examples: [] };
  readonly #namespaces: string[] = [];
  #keys = 0;

  /** @param options.mostGroups tests lower it. */
  constructor({ etcdPrefix = defaultPrefix, mostGroups = usualMostGroups } = {}) {
    this.#etcdPrefix = etcdPrefix;
    this.#mostGroups = mostGroups;
  }

  /** @param key one character a byte. */
  add(key: string): void {
    this.#keys += 1;
    const name = parseKeyName(key, this.#etcdPrefix);
    const group = name === undefined ? undefined : this.#groupOf(name.resource, name.namespace);
    if (name === undefined || group === undefined) {
      count(this.#others, key);
      return;
    }
    count(group, name.name);
    if (name.resource === 'namespaces' && this.#namespaces.length < mostNamespaces)
      this.#namespaces.push(asText(name.name));
  }

  finish(): Difference {
    return {
      keys: this.#keys,
      groups: [...this.#groups.values()],
      others: this.#others,
      namespaces: this.#namespaces,
    };
  }

  #groupOf(resource: string, namespace: string | undefined): Group | undefined {
    const id = `${resource}\0${namespace ?? ''}`;
    const known = this.#groups.get(id);
    if (known !== undefined) return known;
    // Half of what there is room for is for the resources alone.
    const isRoom = this.#groups.size < (namespace === undefined ? this.#mostGroups : this.#mostGroups / 2);
    if (!isRoom) return namespace === undefined ? undefined : this.#groupOf(resource, undefined);
    const made: Group = {
      resource: asText(resource),
      ...(namespace === undefined ? {} : { namespace: asText(namespace) }),
      keys: 0,
      examples: [],
    };
    this.#groups.set(id, made);
    return made;
  }
}

function count(counted: Count, name: string): void {
  counted.keys += 1;
  if (counted.examples.length < mostExamples) counted.examples.push(asText(name));
}

/** Names are ASCII; what is not is shown as the text that it may be. */
function asText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
