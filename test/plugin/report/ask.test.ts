/** Law 8: destruction is asked for by name. */
import { describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../../core/failure.ts';
import { consent } from '../../../plugin/report/ask.ts';
import type { ConsentFlags } from '../../../plugin/report/ask.ts';
import { Terminal } from '../../../plugin/report/terminal.ts';

interface Asked {
  readonly flags?: ConsentFlags;
  /** What is typed, with its line feeds; the end of the input comes behind it, unless `open`. */
  readonly typed?: string;
  readonly open?: boolean;
  /** Which of the two are terminals; both, unless said otherwise. */
  readonly terminals?: readonly ('stdin' | 'stderr')[];
  readonly signal?: AbortSignal;
  readonly cluster?: string;
}

async function ask({
  flags = {},
  typed = '',
  open = false,
  terminals = ['stdin', 'stderr'],
  signal,
  cluster = 'prod-eu1',
}: Asked) {
  const stream = (name: 'stdin' | 'stderr') =>
    Object.assign(new PassThrough(), { isTTY: terminals.includes(name), columns: 80 });
  const [stdin, stderr] = [stream('stdin'), stream('stderr')];
  let said = '';
  stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const terminal = new Terminal({ stdin, stdout: new PassThrough(), stderr, env: {} });
  const answered = consent(flags, { terminal, cluster, signal: signal ?? new AbortController().signal });
  answered.catch(() => undefined);
  if (typed !== '') stdin.write(typed);
  if (!open) stdin.end();
  return {
    outcome: await answered.then(
      () => 'given',
      (thrown: unknown) => thrown,
    ),
    said: () => said,
  };
}

describe('a person', () => {
  test.each<[what: string, typed: string]>([
    ['types the name', 'prod-eu1\n'],
    ['types it on a terminal that ends lines otherwise', 'prod-eu1\r\n'],
    ['types it with a blank', '  prod-eu1 \n'],
  ])('%s', async (_what, typed) => {
    const { outcome, said } = await ask({ typed });
    expect(outcome).toBe('given');
    expect(said()).toBe('Type the name of the cluster to go on: ');
  });

  test.each<[what: string, typed: string, says: string]>([
    ['types another name', 'prod-eu2\n', 'the cluster is "prod-eu1", not "prod-eu2"'],
    ['says yes', 'yes\n', 'the cluster is "prod-eu1", not "yes"'],
    ['types it in capitals', 'PROD-EU1\n', 'the cluster is "prod-eu1", not "PROD-EU1"'],
    ['presses enter', '\n', 'not confirmed'],
    ['types the right one after a wrong one', 'no\nprod-eu1\n', 'the cluster is "prod-eu1", not "no"'],
    ['ends the input (Ctrl-D)', '', 'not confirmed'],
    ['ends the input before the line', 'prod-eu1', 'not confirmed'],
  ])('%s: refused, and told that nothing was touched', async (_what, typed, says) => {
    const { outcome } = await ask({ typed });
    expect(outcome).toMatchObject({ reason: 'not-confirmed', exit: 5, what: says, next: 'nothing was touched' });
  });

  test('presses Ctrl-C while asked', async () => {
    const interrupted = new AbortController();
    const asked = ask({ open: true, signal: interrupted.signal });
    await sleep(50);
    interrupted.abort(new Failure({ reason: 'interrupted', what: 'interrupted', exit: 130 }));
    expect((await asked).outcome).toMatchObject({ reason: 'interrupted', exit: 130 });
  });
});

describe('a script', () => {
  test('gives it with --yes, and is not asked', async () => {
    const { outcome, said } = await ask({ flags: { yes: true, clusterName: 'prod-eu1' }, terminals: [] });
    expect(outcome).toBe('given');
    expect(said()).toBe('');
  });

  test.each<[what: string, flags: ConsentFlags, refused: object]>([
    ['--yes alone', { yes: true }, { reason: 'wrong-usage', exit: 2 }],
    ['--cluster-name alone', { clusterName: 'prod-eu1' }, { reason: 'wrong-usage', exit: 2 }],
    ["another's name", { yes: true, clusterName: 'prod-eu2' }, { reason: 'not-confirmed', exit: 5 }],
    [
      'an empty name: a variable that was not set',
      { yes: true, clusterName: '' },
      { reason: 'not-confirmed', exit: 5 },
    ],
  ])('%s: refused, on a terminal as well', async (_what, flags, refused) => {
    for (const terminals of [[], ['stdin', 'stderr']] as const)
      expect((await ask({ flags, typed: 'prod-eu1\n', terminals })).outcome).toMatchObject(refused);
  });

  test.each<[what: string, terminals: readonly ('stdin' | 'stderr')[]]>([
    ['nothing is a terminal', []],
    ['a name comes through a pipe', ['stderr']],
    ['the question would go into a file', ['stdin']],
  ])('%s: nobody is asked, and the flags are named', async (_what, terminals) => {
    const { outcome, said } = await ask({ typed: 'prod-eu1\n', terminals });
    expect(outcome).toMatchObject({ reason: 'not-confirmed', exit: 5 });
    expect((outcome as Failure).next).toContain('--yes --cluster-name prod-eu1');
    expect(said()).toBe('');
  });

  test('a cluster without a name is confirmed by nobody', async () => {
    for (const asked of [{ typed: '\n' }, { typed: '' }, { flags: { yes: true, clusterName: '' } }])
      expect((await ask({ ...asked, cluster: '' })).outcome).toMatchObject({ reason: 'not-confirmed' });
  });
});
