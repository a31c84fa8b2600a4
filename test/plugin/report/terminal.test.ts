import { execFile, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { promisify } from 'node:util';
import { setImmediate } from 'node:timers/promises';
import { PassThrough, Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { Terminal } from '../../../plugin/report/terminal.ts';
import { openScreen, visibleLines } from './screen.ts';

const source = new URL('../../../plugin/report/terminal.ts', import.meta.url).href;

test('results go to standard output, everything else to standard error', () => {
  const { terminal, written } = openScreen();
  terminal.print('result\n');
  terminal.note('note');
  expect(written).toEqual({ stdout: 'result\n', stderr: 'note\n' });
});

test.each([
  { env: {}, onTerminal: true, colours: true },
  { env: {}, onTerminal: false, colours: false },
  { env: { NO_COLOR: '1' }, onTerminal: true, colours: false },
  { env: { NO_COLOR: '' }, onTerminal: true, colours: true },
  { env: { TERM: 'dumb' }, onTerminal: true, colours: false },
  { env: { FORCE_COLOR: '1' }, onTerminal: false, colours: true },
  { env: { FORCE_COLOR: '0' }, onTerminal: true, colours: false },
  { env: { FORCE_COLOR: '1', NO_COLOR: '1' }, onTerminal: false, colours: true },
])('$env on a terminal: $onTerminal, colours: $colours', ({ env, onTerminal, colours }) => {
  const { terminal } = openScreen({ env, terminals: onTerminal ? ['stdout'] : [] });
  expect(terminal.paint('red', 'x') !== 'x').toBe(colours);
});

test('each stream is judged by itself', () => {
  const { terminal } = openScreen({ terminals: ['stderr'], columns: 50 });
  expect(terminal).toMatchObject({ isTerminal: false, isLive: true, canAsk: false, widthColumns: undefined });
  expect(terminal.paint('red', 'x')).toBe('x');
  expect(terminal.notePaint('red', 'x')).not.toBe('x');
  expect(openScreen({ terminals: ['stdout'], columns: 50 }).terminal.widthColumns).toBe(50);
  expect(openScreen({ terminals: ['stdin', 'stderr'] }).terminal.canAsk).toBe(true);
  expect(openScreen({ terminals: ['stderr'], env: { TERM: 'dumb' } }).terminal.isLive).toBe(false);
});

test('what is written while a live region is shown stands above it, and nothing of it remains', () => {
  const { terminal, written } = openScreen({ terminals: ['stderr'], columns: 20 });
  terminal.showLive(['first', 'a line that is much wider than the screen']);
  expect(visibleLines(written.stderr, 20)).toEqual(['first', 'a line that is muc…']);
  terminal.note('a note');
  expect(visibleLines(written.stderr, 20)).toEqual(['a note', 'first', 'a line that is muc…']);
  terminal.showLive(['second']);
  expect(visibleLines(written.stderr, 20)).toEqual(['a note', 'second']);
  terminal.showLive([]);
  expect(visibleLines(written.stderr, 20)).toEqual(['a note']);
});

test('a terminal that says 0 columns, as a serial console does, has 80', () => {
  const { terminal, written } = openScreen({ terminals: ['stdout', 'stderr'], columns: 0 });
  expect(terminal.widthColumns).toBe(80);
  terminal.showLive(['working']);
  terminal.note('a note');
  expect(visibleLines(written.stderr)).toEqual(['a note', 'working']);
});

test('when nobody hears the notes any more, the work goes on', async () => {
  const { terminal, stderr, written } = openScreen({ terminals: ['stderr'] });
  stderr.destroy(Object.assign(new Error('write EIO'), { code: 'EIO' }));
  await setImmediate();
  terminal.note('a note');
  terminal.showLive(['working']);
  terminal.print('result\n');
  await terminal.flush();
  expect(written).toEqual({ stdout: 'result\n', stderr: '' });
});

test('a result on the same terminal stands above the live region too', async () => {
  const shown = Object.assign(new PassThrough(), { isTTY: true, columns: 40 });
  let text = '';
  shown.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const terminal = new Terminal({ stdin: new PassThrough(), stdout: shown, stderr: shown, env: {} });
  terminal.showLive(['working']);
  terminal.print('result\n');
  expect(visibleLines(text)).toEqual(['result', 'working']);
  await terminal.flush();
  expect(visibleLines(text)).toEqual(['result']);
});

test('without a terminal nothing is drawn', () => {
  const { terminal, written } = openScreen();
  terminal.showLive(['working']);
  expect(written.stderr).toBe('');
});

test('long results are taken no faster than they are read', async () => {
  // A reader that takes one chunk at a time, and each only when it is told to.
  const waiting: (() => void)[] = [];
  const writes = new EventEmitter();
  const stdout = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      waiting.push(done);
      writes.emit('write');
    },
  });
  const terminal = new Terminal({ stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {} });
  let asked = 0;
  async function* chunks() {
    for (const each of ['one', 'two', 'three']) {
      asked += 1;
      await Promise.resolve();
      yield each;
    }
  }
  let written = once(writes, 'write');
  const whole = terminal.printAll(chunks());
  for (const count of [1, 2, 3]) {
    await written;
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    expect(asked).toBe(count);
    written = once(writes, 'write');
    waiting.shift()?.();
  }
  await whole;
});

test('a full disk is a failure', async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })),
  });
  const terminal = new Terminal({ stdin: new PassThrough(), stdout, stderr: new PassThrough(), env: {} });
  terminal.print('result\n');
  await expect(terminal.flush()).rejects.toMatchObject({
    reason: 'results-not-written',
    why: 'no space left on device',
  });
});

/** A real process whose reader leaves: it prints for ever until it is told that nobody reads. */
const endless = `
  import { Terminal } from ${JSON.stringify(source)};
  const terminal = new Terminal({ stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env });
  async function* lines() { for (let at = 0; ; at++) yield 'line ' + at + '\\n'; }
  await terminal.printAll(lines());
  terminal.print('nobody reads this');
  await terminal.flush();
  process.exitCode = terminal.resultsClosed.aborted ? 7 : 8;
`;

test('| head: ends in silence, with the exit code that the program chose', async () => {
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', endless], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // When the test fails the program does not end by itself.
    timeout: 4_000,
    killSignal: 'SIGKILL',
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = (await once(child, 'close')) as unknown[];
  expect({ code, complaints }).toEqual({ code: 7, complaints: '' });
});

test('everything printed arrives before a process ends', async () => {
  const program = `
    import { Terminal } from ${JSON.stringify(source)};
    const terminal = new Terminal({ stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env });
    terminal.print('x'.repeat(3_000_000) + 'end');
    await terminal.flush();
    process.exit(0);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    maxBuffer: 2 ** 24,
  });
  expect(stdout.length).toBe(3_000_003);
});
