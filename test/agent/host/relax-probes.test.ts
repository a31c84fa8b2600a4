import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { relaxProbes } from '../../../agent/host/relax-probes.ts';
import { kubeadm120, podWith } from './manifests.ts';

/** As kubeadm 1.31 writes them. */
const kubeadmProbes = kubeadm120.replace(
  '    livenessProbe: {httpGet: {host: 127.0.0.1, path: /health, port: 2381}}\n',
  `    livenessProbe:
      failureThreshold: 8
      httpGet:
        host: 127.0.0.1
        path: /livez
        port: 2381
        scheme: HTTP
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
    readinessProbe:
      failureThreshold: 3
      httpGet: {host: 127.0.0.1, path: /readyz, port: 2381}
    startupProbe:
      failureThreshold: 24
      httpGet:
        host: 127.0.0.1
        path: /readyz
        port: 2381
        scheme: HTTP
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
`,
);
const probe = (...lines: string[]) =>
  [
    ...[
      'kind: Pod',
      'metadata: {name: etcd}',
      'spec:',
      '  containers:',
      '  - name: x',
      '    livenessProbe: {exec: {}}',
    ],
    ...['  - name: etcd', '    command: [etcd]', ...lines, ''],
  ].join('\n');

describe('what kills etcd waits for an hour, and nothing else changes', () => {
  test("kubeadm's: two numbers", () => {
    const after = relaxProbes(kubeadmProbes);
    expect(after).toBe(
      kubeadmProbes
        .replace('failureThreshold: 8\n', 'failureThreshold: 361\n')
        .replace('Threshold: 24\n', 'Threshold: 361\n'),
    );
    expect(relaxProbes(after)).toBe(after);
  });

  test.each<[string, string, string, string]>([
    [
      'no threshold in flow style',
      probe('    livenessProbe: {httpGet: {port: 1}}'),
      '{httpGet: {port: 1}}',
      '{failureThreshold: 361, httpGet: {port: 1}}',
    ],
    [
      'no threshold in block style',
      probe('    startupProbe:', '      # slow disks', '      periodSeconds: 1 # fast'),
      '      periodSeconds: 1 # fast',
      '      failureThreshold: 3601\n      periodSeconds: 1 # fast',
    ],
    [
      'Windows line ends',
      probe('    startupProbe:', '      periodSeconds: 7').replaceAll('\n', '\r\n'),
      '      periodSeconds: 7',
      '      failureThreshold: 516\r\n      periodSeconds: 7',
    ],
    [
      'a comment behind it',
      probe('    livenessProbe: {periodSeconds: 60,', '      failureThreshold: 2 # twice', '    }'),
      '2 # twice',
      '61 # twice',
    ],
    [
      'one probe for both',
      probe('    livenessProbe: &p {failureThreshold: 3, tcpSocket: {port: 1}}', '    startupProbe: *p'),
      'failureThreshold: 3',
      'failureThreshold: 361',
    ],
    [
      'a merged threshold, which an own one beats',
      probe('    livenessProbe:', '      <<: {failureThreshold: 3}', '      periodSeconds: 10'),
      '      <<:',
      '      failureThreshold: 361\n      <<:',
    ],
    [
      'a period of 0, which is the default',
      probe('    livenessProbe: {periodSeconds: 0}'),
      '{p',
      '{failureThreshold: 361, p',
    ],
  ])('%s', (_, text, from, to) => {
    const after = relaxProbes(text);
    expect(after).toBe(text.replace(from, to));
    expect(relaxProbes(after)).toBe(after);
  });

  test('JSON', () => {
    const text = podWith({
      command: ['etcd'],
      livenessProbe: { tcpSocket: { port: 1 } },
      startupProbe: { failureThreshold: 24 },
    });
    expect(JSON.parse(relaxProbes(text))).toEqual(
      JSON.parse(
        podWith({
          command: ['etcd'],
          livenessProbe: { failureThreshold: 361, tcpSocket: { port: 1 } },
          startupProbe: { failureThreshold: 361 },
        }),
      ),
    );
  });

  test.each([
    ['no probe', probe('    image: x')],
    [
      'probes that kill nothing',
      probe('    readinessProbe: {httpGet: {port: 1}}', '    livenessProbe: null', '    startupProbe: {}'),
    ],
    [
      'patient ones',
      probe(
        '    livenessProbe: {failureThreshold: 400}',
        '    startupProbe: {failureThreshold: 61, periodSeconds: 60}',
      ),
    ],
  ])('%s: nothing', (_, text) => {
    expect(relaxProbes(text)).toBe(text);
    expect(parse(text)).toHaveProperty('spec');
  });
});

test.each([
  [
    'a probe that readiness shares',
    probe('    readinessProbe: &p {failureThreshold: 3}', '    livenessProbe: *p'),
    /readinessProbe\/failureThreshold would change/,
  ],
  ['a threshold without a number', probe('    livenessProbe:', '      failureThreshold:'), /has no value/],
  ['no etcd', 'kind: Pod\nmetadata: {name: x}\nspec: {containers: []}', /does not run etcd/],
])('%s is refused', (_, text, why) => {
  expect(() => relaxProbes(text)).toThrow(
    expect.objectContaining({ reason: 'manifest-not-editable', exit: 5, message: expect.stringMatching(why) }),
  );
});
