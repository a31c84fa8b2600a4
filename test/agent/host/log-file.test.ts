import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lastErrorOf } from '../../../agent/host/last-error.ts';
import { readLog } from '../../../agent/host/log-file.ts';
import { containerLines, plainLines } from '../../../agent/host/log-lines.ts';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'log-'));
  path = join(folder, '0.log');
});
afterEach(async () => rm(folder, { recursive: true }));

const never = new AbortController().signal;
async function tail(tailLines: number | undefined): Promise<string> {
  let text = '';
  for await (const chunk of readLog({
    newest: async () => Promise.resolve(path),
    decoder: plainLines,
    tailLines,
    follow: false,
    signal: never,
  }))
    text += String(chunk);
  return text;
}

test.each([
  ['a\nb\nc\n', undefined, 'a\nb\nc\n'],
  ['a\nb\nc\n', 2, 'b\nc\n'],
  ['a\nb\nc\n', 9, 'a\nb\nc\n'],
  ['a\nb\nc', 1, 'c\n'],
  ['a\n', 0, ''],
  ['\n\n\n', 2, '\n\n'],
  ['', 5, ''],
])('%j, the last %p lines', async (content, lines, expected) => {
  await writeFile(path, content);
  expect(await tail(lines)).toBe(expected);
});

test('the last lines of a log of many blocks', async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
  await writeFile(path, `${lines.join('\n')}\n`);
  expect(await tail(15_000)).toBe(`${lines.slice(-15_000).join('\n')}\n`);
  await writeFile(path, `${'x'.repeat(65_535)}\n\n`);
  expect(await tail(1)).toBe('\n');
});

test('a log that cannot be read is a failure of its own', async () => {
  await expect(tail(1)).rejects.toMatchObject({ reason: 'no-log' });
});

describe('following', () => {
  test('goes on with what is written, after rotation, after truncation, and in the log of the next container', async () => {
    await writeFile(path, 'old\none\n');
    let newest = path;
    const end = new AbortController();
    let text = '';
    const reading = (async () => {
      for await (const chunk of readLog({
        newest: async () => Promise.resolve(newest),
        decoder: plainLines,
        tailLines: 1,
        follow: true,
        signal: end.signal,
      }))
        text += String(chunk);
    })();
    const until = async (wanted: string) => {
      for (let tries = 0; text !== wanted && tries < 500; tries += 1)
        await new Promise((resolve) => setTimeout(resolve, 10));
      expect(text).toBe(wanted);
    };
    await until('one\n');
    await appendFile(path, 'two\nthr');
    await until('one\ntwo\n');
    await appendFile(path, 'ee\n');
    await until('one\ntwo\nthree\n');
    await rename(path, `${path}.rotated`);
    await writeFile(path, 'four\n');
    await until('one\ntwo\nthree\nfour\n');
    await truncate(path);
    await appendFile(path, '5\n');
    await until('one\ntwo\nthree\nfour\n5\n');
    await writeFile(join(folder, '1.log'), 'six\n');
    newest = join(folder, '1.log');
    await until('one\ntwo\nthree\nfour\n5\nsix\n');
    end.abort();
    await reading;
  }, 20_000);
});

const stamp = '2026-11-21T10:00:00.123456789Z';
test.each([
  ["the runtime's lines", `${stamp} stderr F a\n${stamp} stdout F b\n`, 'a\nb\n'],
  ['a line in parts', `${stamp} stderr P a\n${stamp} stdout F x\n${stamp} stderr F b\n`, 'x\nab\n'],
  ['an empty line', `${stamp} stderr F \n`, '\n'],
  ["Docker's lines", '{"log":"a\\n","stream":"stderr","time":"x"}\n', 'a\n'],
  [
    'bytes that are no text',
    Buffer.concat([Buffer.from(`${stamp} stderr F `), Buffer.from([0xff, 0xc3, 0xa9]), Buffer.from('\n')]),
    Buffer.from([0xff, 0xc3, 0xa9, 10]),
  ],
  ['what is none of these', 'plain\n', 'plain\n'],
])('%s', (_, raw, text) => {
  for (const size of [1, 7, 1000]) {
    const decoder = containerLines();
    const bytes = Buffer.from(raw);
    const out: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) out.push(decoder.push(bytes.subarray(at, at + size)));
    expect(Buffer.concat([...out, decoder.end()])).toEqual(Buffer.from(text));
  }
});

describe('why etcd stopped', () => {
  const zap = (level: string, msg: string, more: object = {}) =>
    JSON.stringify({ level, ts: stamp, caller: 'x.go:1', msg, ...more });
  test.each([
    [
      [zap('info', 'a'), zap('fatal', 'discovery failed', { error: 'cannot listen' }), 'goroutine 1'],
      'discovery failed: cannot listen',
    ],
    [
      [
        zap('panic', 'failed to open WAL', { error: 'walpb: crc mismatch' }),
        'panic: failed to open WAL',
        '',
        'goroutine 1',
      ],
      'failed to open WAL: walpb: crc mismatch',
    ],
    [[zap('fatal', 'first'), zap('error', 'later')], 'first'],
    [
      [zap('error', 'rejected'), zap('info', 'received signal; shutting down', { signal: 'terminated' })],
      'stopped by a signal',
    ],
    [
      [
        '2026-11-21 10:00:00.000000 I | embed: x',
        '2026-11-21 10:00:00.000000 C | etcdmain: member 1 has already been bootstrapped',
      ],
      'member 1 has already been bootstrapped',
    ],
    [
      ['flag provided but not defined: -wrong', "Try 'etcd --help' for more information."],
      'flag provided but not defined: -wrong',
    ],
    [['panic: runtime error: index out of range', 'goroutine 1'], 'runtime error: index out of range'],
    [[zap('info', 'serving')], undefined],
    [[], undefined],
  ])('%j', (lines, reason) => {
    expect(lastErrorOf(lines)).toBe(reason);
  });

  test('in a few words', () => {
    expect(lastErrorOf([zap('fatal', 'x'.repeat(1000))])?.length).toBe(160);
  });
});
