import { describe, expect, test } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { exitCode } from '../../core/failure.ts';
import { kubectlEtcd } from '../../plugin/commands/program.ts';
import { Terminal } from '../../plugin/report/terminal.ts';

/** What is written for people holds to what is built: no command, flag, exit code, link or reason that does not exist, and none left out. */
const root = resolve(import.meta.dirname, '../..');
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map((name) => join(root, name)),
  ...readdirSync(join(root, 'docs')).map((name) => join(root, 'docs', name)),
  ...['core/access', 'plugin/link', 'agent/etcd', 'agent/host'].map((room) => join(root, room, 'DESIGN.md')),
].map((file) => ({ page: relative(root, file), file, text: readFileSync(file, 'utf8') }));

const program = kubectlEtcd({
  terminal: new Terminal({ stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {} }),
  environment: {},
  signal: new AbortController().signal,
  run: () => Promise.resolve(),
});
const leaves = leavesOf(program, []);

function leavesOf(command: Command, path: readonly string[]): { path: string; command: Command }[] {
  if (command.commands.length === 0) return [{ path: path.join(' '), command }];
  return command.commands.flatMap((sub) => leavesOf(sub, [...path, sub.name()]));
}

/** The words after `kubectl etcd` as far as they are commands, and the first that is none. */
function follow(words: readonly string[]): { command: Command; unknown: string | undefined } {
  let command = program;
  for (const word of words) {
    if (command.commands.length === 0 || !/^[a-z]+$/.test(word)) return { command, unknown: undefined };
    const next = command.commands.find((sub) => sub.name() === word);
    if (next === undefined) return { command, unknown: word };
    command = next;
  }
  return { command, unknown: undefined };
}

function flagsOf(command: Command): string[] {
  const own = command.options.flatMap(({ short, long }) => [short, long]);
  return [...own, '-h', '--help', ...(command.parent === null ? [] : flagsOf(command.parent))].filter(
    Boolean,
  ) as string[];
}

/** `kubectl etcd ...` in code: lines of blocks, and what stands between backquotes. */
function commandLines(text: string): string[] {
  const code = [...text.matchAll(/^(?: {4}|\$ ).*$/gm), ...text.matchAll(/`[^`\n]+`/g)].map(([found]) => found);
  return code.flatMap((found) =>
    [...found.matchAll(/kubectl etcd ([^`#|;&]*)/g)].map(([, words = '']) => words.trim()),
  );
}

describe.each(pages)('$page', ({ file, text }) => {
  test('names no command and no flag that does not exist', () => {
    for (const line of commandLines(text)) {
      const words = line.split(/\s+/).filter(Boolean);
      const { command, unknown } = follow(words);
      expect({ line, unknown }).toEqual({ line, unknown: undefined });
      for (const flag of words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/=.*/, '')))
        expect({ line, flags: flagsOf(command) }).toMatchObject({ flags: expect.arrayContaining([flag]) });
    }
  });

  test('its links lead somewhere', () => {
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#[^)]*)?\)/g))
      expect({ target, there: target === '' || existsSync(join(dirname(file), target)) }).toEqual({
        target,
        there: true,
      });
  });

  test('speaks of no machine but the reader’s own', () => {
    expect(text).not.toMatch(/\/work\/|\/var\/tmp\/|\/root\/|\.\.\/shared/);
  });
});

test.each(leaves)('$path has its page', ({ path }) => {
  const inDocs = pages.filter(({ page }) => page.startsWith('docs/'));
  expect(inDocs.some(({ text }) => text.includes(`kubectl etcd ${path}`))).toBe(true);
});

test('the exit codes in the table are those that there are', () => {
  const { text } = pages.find(({ page }) => page === 'docs/exit-codes.md') ?? { text: '' };
  const codes = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(codes).toEqual(Object.values(exitCode).sort((one, other) => one - other));
});

test('every reason of a failure is explained', () => {
  const { text } = pages.find(({ page }) => page === 'docs/troubleshooting.md') ?? { text: '' };
  const explained = new Set([...text.matchAll(/`([a-z0-9-]+)`/g)].map(([, word]) => word));
  const missing = reasonsInCode().filter((reason) => !explained.has(reason));
  expect(missing).toEqual([]);
});

/** As they are written: `reason: 'word'`, or the first argument of the small makers of failures. */
function reasonsInCode(): string[] {
  const sources = ['core', 'agent', 'plugin'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(join(root, room, name), 'utf8')),
  );
  const written =
    /reason: (?:[^\n']*\? )?'([a-z0-9-]+)'(?: : '([a-z0-9-]+)')?|\b(?:usage|refused|refusal)\(\s*'([a-z0-9-]+)'/g;
  const found = sources.flatMap((source) => [...source.matchAll(written)].flatMap(([, ...words]) => words));
  const reasons = [...new Set(found.filter(Boolean))].sort();
  if (reasons.length < 60) throw new Error('the pattern no longer finds the reasons');
  return reasons;
}
