import { describe, expect, test } from '@jest/globals';
import { setEtcdFlags } from '../../../agent/host/edit-manifest.ts';
import { kubeadm120, kubeadm131, podWith } from './manifests.ts';

const three = 'cp1=https://10.0.0.11:2380,cp2=https://10.0.0.12:2380,cp3=https://10.0.0.13:2380';
const restored = { 'initial-cluster': three, 'initial-cluster-state': 'existing' };
const set = (text: string, flags: Readonly<Record<string, string | undefined>>) =>
  setEtcdFlags(text, new Map(Object.entries(flags)), '/m/etcd.yaml');

/** The lines that went and those that came, in their order. */
function difference(before: string, after: string): readonly string[] {
  const [one, other] = [before.split('\n'), after.split('\n')];
  let [same, end] = [0, 0];
  while (same < one.length && one[same] === other[same]) same += 1;
  while (end < one.length - same && end < other.length - same && one.at(-1 - end) === other.at(-1 - end)) end += 1;
  return [
    ...one.slice(same, one.length - end).map((line) => `-${line}`),
    ...other.slice(same, other.length - end).map((line) => `+${line}`),
  ];
}

/** A pod of etcd around the lines of its container. */
const around = (...lines: string[]) =>
  ['kind: Pod', 'metadata: {name: etcd}', 'spec:', '  containers:', '  - name: etcd', ...lines, ''].join('\n');

describe("a restore's flags", () => {
  test.each([
    ["kubeadm 1.20's", kubeadm120],
    ["kubeadm 1.31's", kubeadm131],
  ])('%s: the list in its place, the state behind the last flag', (_, text) => {
    const after = set(text, restored);
    expect(after.replace(`=${three}\n`, '=cp1=https://10.0.0.11:2380\n')).not.toBe(after);
    expect(
      after
        .replace(`=${three}\n`, '=cp1=https://10.0.0.11:2380\n')
        .replace('    - --initial-cluster-state=existing\n', ''),
    ).toBe(text);
    expect(after).toContain('ca.crt\n    - --initial-cluster-state=existing\n    image:');
    expect(set(after, restored)).toBe(after);
  });

  test('force-new-cluster in and out again leaves no trace', () => {
    const after = set(kubeadm131, { 'force-new-cluster': 'true' });
    expect(difference(kubeadm131, after)).toEqual(['+    - --force-new-cluster=true']);
    expect(set(after, { 'force-new-cluster': undefined })).toBe(kubeadm131);
  });
});

describe('what changes, and nothing else', () => {
  test.each<[string, string, Record<string, string | undefined>, string[]]>([
    [
      'a flag and its value as two words',
      around(
        '    command:',
        '    - etcd',
        '    - --initial-cluster # whose?',
        '    - a=http://x:1 # mine',
        '    - --name',
        '    - a',
      ),
      { 'initial-cluster': 'a=http://y:1' },
      ['-    - a=http://x:1 # mine', '+    - a=http://y:1 # mine'],
    ],
    [
      'one dash stays one',
      around('    command: ', '      - etcd', '      - -initial-cluster=a=http://x:1', '      - -name=a'),
      { 'initial-cluster': 'b=http://y:1' },
      ['-      - -initial-cluster=a=http://x:1', '+      - -initial-cluster=b=http://y:1'],
    ],
    [
      'the last of two, which counts',
      around('    command:', '    - etcd', '    - --name=a', '    - --name=b', '    - --data-dir=/d'),
      { name: 'c' },
      ['-    - --name=b', '+    - --name=c'],
    ],
    [
      'taking out takes all of that name, the words of values with them',
      around(
        '    command:',
        '    - etcd',
        '    - --name=a',
        '    - --name',
        '    # mine',
        '    - b',
        '    - --data-dir=/d',
      ),
      { name: undefined },
      ['-    - --name=a', '-    - --name', '-    # mine', '-    - b', '+    # mine'],
    ],
    [
      "a new one in the list's style: indent, gap and quotes, behind a comment",
      around('    args:', '        -   "--name=a"', "        -   '--data-dir=/d'   # ours", '    command: [etcd]'),
      { 'initial-cluster-state': 'existing' },
      ["+        -   '--initial-cluster-state=existing'"],
    ],
    [
      'the last line of a file without an end',
      around('    command:', '    - etcd', '    - --name=a').slice(0, -1),
      { 'force-new-cluster': 'true' },
      ['+    - --force-new-cluster=true'],
    ],
    [
      'a flow list: a comma needs quotes there, and new words the white space of the others',
      around('    command: [ etcd,', '      --name=a,', '      --initial-cluster=a=x ]'),
      { 'initial-cluster': 'a=x,b=y', 'initial-cluster-state': 'existing' },
      [
        '-      --initial-cluster=a=x ]',
        '+      "--initial-cluster=a=x,b=y",',
        '+      --initial-cluster-state=existing ]',
      ],
    ],
    [
      'a block scalar becomes a word',
      around('    command:', '    - etcd', '    - >-', '      --name=a', '    - --data-dir=/d'),
      { name: 'b' },
      ['-    - >-', '-      --name=a', '+    - --name=b'],
    ],
    [
      'a value that no plain word can hold',
      around('    command:', '    - etcd', '    - --name=a', '    - --initial-cluster-token', '    - t'),
      { name: 'a # b: c', 'initial-cluster-token': 'true' },
      [
        '-    - --name=a',
        '-    - --initial-cluster-token',
        '-    - t',
        '+    - "--name=a # b: c"',
        '+    - --initial-cluster-token',
        '+    - "true"',
      ],
    ],
    [
      'a word that would be the key of a map',
      around('    command:', '    - etcd', '    - --name=a'),
      { name: 'a:' },
      ['-    - --name=a', '+    - "--name=a:"'],
    ],
    [
      "dollars, which are the kubelet's",
      around('    command:', '    - etcd', '    - --name=$(NODE)', '    env:', '    - {name: NODE, value: a}'),
      { name: '$(NODE)$' },
      ['-    - --name=$(NODE)', '+    - "--name=$$(NODE)$$"'],
    ],
    [
      'a boolean that stands alone',
      around('    command:', '    - etcd', '    - --pre-vote', '    - --name=a'),
      { 'pre-vote': 'false' },
      ['-    - --pre-vote', '+    - --pre-vote=false'],
    ],
    [
      'the variable, where one holds the value: flag and variable both keep etcd from starting',
      around(
        '    command:',
        '    - etcd',
        '    env:',
        '    - name: ETCD_INITIAL_CLUSTER',
        '      value: "a=http://x:1" # mine',
      ),
      { 'initial-cluster': 'b=http://y:1' },
      ['-      value: "a=http://x:1" # mine', '+      value: "b=http://y:1" # mine'],
    ],
    [
      'an empty variable, which keeps it from starting, too',
      around('    command:', '    - etcd', "    env: [{name: ETCD_INITIAL_CLUSTER_STATE, value: ''}]"),
      { 'initial-cluster-state': 'existing' },
      [
        "-    env: [{name: ETCD_INITIAL_CLUSTER_STATE, value: ''}]",
        "+    env: [{name: ETCD_INITIAL_CLUSTER_STATE, value: 'existing'}]",
      ],
    ],
    [
      'an alias gives way to a word of its own',
      around('    command:', '    - etcd', '    - *n', '  volumes:', '  - {name: v}').replace(
        '{name: etcd}',
        '{name: &n --name=a}',
      ),
      { name: 'b' },
      ['-    - *n', '+    - --name=b'],
    ],
    [
      "tini's dashes are not etcd's",
      around('    command: [tini, --, etcd, --name=a]'),
      { name: 'b' },
      ['-    command: [tini, --, etcd, --name=a]', '+    command: [tini, --, etcd, --name=b]'],
    ],
    [
      'an image that runs etcd by itself',
      around('    image: registry.k8s.io/etcd:3.5.15-0', '    args:', '    - --name=a'),
      { name: 'b' },
      ['-    - --name=a', '+    - --name=b'],
    ],
    [
      'the last argument out: null, which is none',
      around('    command:', '    - etcd', '    args:', '    - --force-new-cluster', '    image: x'),
      { 'force-new-cluster': undefined },
      ['-    - --force-new-cluster'],
    ],
  ])('%s', (_, text, flags, changes) => {
    const after = set(text, flags);
    expect(difference(text, after)).toEqual(changes);
    expect(set(after, flags)).toBe(after);
  });

  test('JSON, compact and spread out', () => {
    const container = {
      command: ['etcd', '--name=a', '--initial-cluster=a=x'],
      livenessProbe: { exec: { command: ['x'] } },
    };
    const compact = podWith(container);
    const spread = JSON.stringify(JSON.parse(compact), undefined, '\t');
    expect(set(compact, restored)).toBe(
      compact.replace('"--initial-cluster=a=x"', `"--initial-cluster=${three}","--initial-cluster-state=existing"`),
    );
    expect(JSON.parse(set(spread, restored))).toEqual(JSON.parse(set(compact, restored)));
    expect(set(set(spread, { 'force-new-cluster': 'true' }), { 'force-new-cluster': undefined })).toBe(spread);
    expect(difference(spread, set(spread, { 'force-new-cluster': 'true' }))).toEqual([
      '-\t\t\t\t\t"--initial-cluster=a=x"',
      '+\t\t\t\t\t"--initial-cluster=a=x",',
      '+\t\t\t\t\t"--force-new-cluster=true"',
    ]);
  });

  test('nothing at all where all is as wanted, be it by a variable', () => {
    const text = around('    command: [etcd, --name, a]', '    env: [{name: ETCD_INITIAL_CLUSTER, value: "a=x"}]');
    expect(set(text, { name: 'a', 'initial-cluster': 'a=x', 'force-new-cluster': undefined })).toBe(text);
  });
});

describe('is refused, and nothing touched', () => {
  test.each<[string, string, Record<string, string | undefined>, RegExp]>([
    ['a shell', podWith({ command: ['sh', '-c', 'exec etcd --name=a'] }), { name: 'b' }, /through a shell/],
    ['a shell without flags', podWith({ command: ['sh', '-c', 'etcd'] }), { name: 'b' }, /through a shell/],
    [
      'a script',
      podWith({ command: ['sh', '-c', 'etcd --name=$(hostname)'] }, [], { component: 'etcd' }),
      { name: 'b' },
      /through a shell/,
    ],
    [
      'a configuration file',
      podWith({ command: ['etcd', '--config-file=/e.yaml'] }),
      { name: 'b' },
      /configuration file \/e\.yaml/,
    ],
    [
      'a configuration file by a variable',
      podWith({ command: ['etcd'], env: [{ name: 'ETCD_CONFIG_FILE', value: '/e.yaml' }] }),
      { name: 'b' },
      /configuration file/,
    ],
    [
      'a variable that only the kubelet knows',
      podWith({
        command: ['etcd'],
        env: [{ name: 'ETCD_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
      }),
      { name: 'b' },
      /ETCD_NAME stands in its environment without a value/,
    ],
    [
      'a variable that stays when the flag goes',
      podWith({ command: ['etcd'], env: [{ name: 'ETCD_FORCE_NEW_CLUSTER', value: 'true' }] }),
      { 'force-new-cluster': undefined },
      /ETCD_FORCE_NEW_CLUSTER in its environment/,
    ],
    [
      'words that end the flags',
      podWith({ command: ['etcd', '--name=a', 'word'] }),
      { 'data-dir': '/d' },
      /would not count/,
    ],
    ['no command at all', podWith({ image: 'etcd:3.5' }), { name: 'b' }, /does not stand in its container as a list/],
    [
      'a list that two containers share',
      around('    command: &c [etcd, --name=a]', '  - name: other', '    command: *c'),
      { name: 'b' },
      /spec\/containers\/1\/command\/1 would change/,
    ],
    [
      'an anchor that others follow',
      around('    command: [etcd, &n --name=a]', '  - name: other', '    command: [x, *n]'),
      { name: 'b' },
      /spec\/containers\/1\/command\/1 would change/,
    ],
    [
      'another pod',
      'kind: Pod\nmetadata: {name: x}\nspec: {containers: [{name: x, command: [x]}]}',
      { name: 'b' },
      /does not run etcd/,
    ],
  ])('%s', (_, text, flags, why) => {
    expect(() => set(text, flags)).toThrow(
      expect.objectContaining({ reason: 'manifest-not-editable', exit: 5, message: expect.stringMatching(why) }),
    );
  });

  test('what is no manifest', () => {
    expect(() => set('kind: Pod\nspec: [', { name: 'a' })).toThrow(
      expect.objectContaining({ reason: 'manifest-unreadable' }),
    );
  });
});
