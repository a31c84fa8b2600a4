import fc from 'fast-check';

/** A flag as somebody may have written it. */
export interface OddFlag {
  readonly name: string;
  readonly value: string;
  readonly dashes: '-' | '--';
  readonly separate: boolean;
}

export interface OddManifest {
  readonly text: string;
  readonly style: string;
  readonly flags: readonly OddFlag[];
  readonly variables: Readonly<Record<string, string>>;
}

/** Options of etcd with values as they are and as nobody writes them. */
export const values: Readonly<Record<string, readonly string[]>> = {
  name: ['cp1', 'true', 'it\'s "odd": #1', 'null'],
  'data-dir': ['/var/lib/etcd', '/mnt/a b'],
  'initial-cluster': ['cp1=https://10.0.0.11:2380', 'cp1=https://[::1]:2380,cp2=https://[::2]:2380'],
  'initial-cluster-state': ['new', 'existing'],
  'initial-cluster-token': ['etcd-cluster', '$(NAME)$$', '- x', '{a: b}', 'ends:'],
  'quota-backend-bytes': ['8589934592', '-1'],
  'listen-client-urls': ['https://127.0.0.1:2379,https://10.0.0.11:2379'],
};
const booleans = ['client-cert-auth', 'force-new-cluster', 'pre-vote'];

const flag: fc.Arbitrary<OddFlag> = fc.oneof(
  fc.constantFrom(...Object.keys(values)).chain((name) =>
    fc.record({
      name: fc.constant(name),
      value: fc.constantFrom(...(values[name] ?? [])),
      dashes: fc.constantFrom('-', '--'),
      separate: fc.boolean(),
    }),
  ),
  fc.record({
    name: fc.constantFrom(...booleans),
    value: fc.constantFrom('true', 'false'),
    dashes: fc.constantFrom('-', '--'),
    separate: fc.constant(false),
  }),
);

const layout = fc.record({
  style: fc.constantFrom('block', 'flow', 'flow-lines', 'json', 'json-spread'),
  newline: fc.constantFrom('\n', '\r\n'),
  /** Of the lists, relative to their key. */
  indent: fc.constantFrom(0, 2, 4),
  gap: fc.constantFrom(' ', '   '),
  quotes: fc.array(fc.constantFrom('plain', 'plain', 'single', 'double', 'folded'), { minLength: 1, maxLength: 5 }),
  comments: fc.array(fc.constantFrom('', '', '', ' # why', '\n# a line --name=of its own'), {
    minLength: 1,
    maxLength: 5,
  }),
  mark: fc.boolean(),
  ended: fc.boolean(),
  neighbour: fc.constantFrom('none', 'before', 'after'),
  /** How many of the words are in `args`. */
  inArgs: fc.nat(6),
  second: fc.boolean(),
});
type Layout = typeof layout extends fc.Arbitrary<infer Value> ? Value : never;

/** Manifests of etcd as hands, generators and converters leave them; every one of them is one that the kubelet runs. */
export const oddManifest: fc.Arbitrary<OddManifest> = fc
  .tuple(fc.array(flag, { maxLength: 7 }), fc.array(flag, { maxLength: 2 }), layout)
  .map(([flags, candidates, how]) => {
    // etcd starts with flag and variable both no more than with neither.
    const variables = Object.fromEntries(
      candidates
        .filter(({ name }) => !flags.some((each) => each.name === name))
        .map(({ name, value }) => [`ETCD_${name.toUpperCase().replaceAll('-', '_')}`, value]),
    );
    const words = flags.flatMap(({ name, value, dashes, separate }) =>
      separate ? [`${dashes}${name}`, forKubelet(value)] : [`${dashes}${name}=${forKubelet(value)}`],
    );
    const command = ['etcd', ...words.slice(0, Math.max(0, words.length - how.inArgs))];
    const args = words.slice(command.length - 1);
    return { text: write({ command, args, variables, how }), style: how.style, flags, variables };
  });

function forKubelet(value: string): string {
  return value.replaceAll('$', () => '$$');
}

interface Written {
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly how: Layout;
}

function write({ command, args, variables, how }: Written): string {
  const env = Object.entries(variables).map(([name, value]) => ({ name, value: forKubelet(value) }));
  if (how.style.startsWith('json')) {
    const etcd = { name: 'etcd', command, ...(args.length > 0 ? { args } : {}), env };
    const other = { name: 'other', command: ['sleep', '--name=1'] };
    const containers = { none: [etcd], before: [other, etcd], after: [etcd, other] }[how.neighbour];
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'etcd' }, spec: { containers } };
    return JSON.stringify(pod, undefined, how.style === 'json' ? undefined : 2).replaceAll('\n', how.newline);
  }
  const other = ['  - name: other', '    command: [sleep, --name=1]'];
  const lines = [
    ...['# ours', 'apiVersion: v1', 'kind: Pod', 'metadata:', '  name: etcd', 'spec:', '  containers:'],
    ...(how.neighbour === 'before' ? other : []),
    '  - name: etcd',
    ...list('command', command, how),
    ...(args.length > 0 ? list('args', args, how) : []),
    ...(env.length > 0 ? ['    env:'] : []),
    ...env.flatMap(({ name, value }) => [`    - name: ${name}`, `      value: ${spelled(value, 'double', false)}`]),
    ...(how.neighbour === 'after' ? other : []),
    ...(how.second ? ['---', 'kind: Pod', 'spec: {containers: [{name: etcd, command: [etcd, --name=second]}]}'] : []),
  ];
  return `${how.mark ? '\ufeff' : ''}${lines.join('\n')}${how.ended ? '\n' : ''}`.replaceAll('\n', how.newline);
}

function list(key: string, words: readonly string[], how: Layout): readonly string[] {
  const style = (index: number) => how.quotes[index % how.quotes.length] ?? 'plain';
  const indent = `    ${' '.repeat(how.indent)}`;
  if (how.style === 'block')
    return [
      `    ${key}:`,
      ...words.map((word, index) => {
        if (style(index) === 'folded' && !/^\s|\s$/.test(word)) return `${indent}-${how.gap}>-\n${indent}    ${word}`;
        const comment = how.comments[index % how.comments.length] ?? '';
        return `${indent}-${how.gap}${spelled(word, style(index), false)}${comment}`;
      }),
    ];
  const between = how.style === 'flow' ? ', ' : `,\n${indent}    `;
  return [`    ${key}: [${words.map((word, index) => spelled(word, style(index), true)).join(between)}]`];
}

function spelled(word: string, style: string, flow: boolean): string {
  if (style === 'single') return `'${word.replaceAll("'", "''")}'`;
  const plain = flow ? /^-{0,2}[a-z][\w./=-]*$/ : /^-{0,2}[a-z][\w./=,:[\]-]*$/;
  const isPlain =
    style === 'plain' && plain.test(word) && !word.endsWith(':') && !['true', 'false', 'null'].includes(word);
  return isPlain ? word : JSON.stringify(word);
}
