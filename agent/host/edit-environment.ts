import { isDeepStrictEqual } from 'node:util';
import { exitCode, Failure } from '../../core/failure.ts';
import { readEnvironmentFile } from './systemd-unit.ts';

/** systemd and shells, which read these files too, agree on what stands for itself between quotes but for these. */
const isSpellable = /^[^"'`\\$\p{Cc}]*$/u;

/** A line of an environment file with those that it goes on in. */
interface Line {
  readonly text: string;
  /** What it sets; undefined for comments and blank lines. */
  readonly name: string | undefined;
}

/**
 * Sets variables in a unit's EnvironmentFile (`NAME=value` lines) and leaves every other character as it is; undefined takes a variable out. One
 * that is there gets its new value where it stands, in the quotes that it has (of several the last, which counts); a new one comes last.
 * Taking out what this put in gives back the file as it was, and doing the same twice changes nothing. Pure.
 *
 * It is for the caller to know that no flag in ExecStart sets the same: etcd does not start with flag and variable both.
 * @param file for messages.
 * @throws {Failure} `environment-not-editable` where the file, read again, would not say what was wanted and nothing else that is new.
 */
export function setEnvironment(
  text: string,
  variables: ReadonlyMap<string, string | undefined>,
  file = "etcd's environment file",
): string {
  const before = readEnvironmentFile(text);
  const newline = /\r?\n/.exec(text)?.[0] ?? '\n';
  let lines = linesOf(text);
  const added: string[] = [];
  for (const [name, value] of variables) {
    if (value === undefined) lines = without(lines, name);
    else if (Object.hasOwn(before, name)) {
      const last = lines.findLastIndex((line) => line.name === name);
      if (before[name] !== value)
        lines = lines.map((line, index) => (index === last ? { ...line, text: reassigned(line.text, value) } : line));
    } else added.push(`${name}=${quoted(value, '')}`);
  }
  const kept = lines.map((line) => line.text).join('');
  // The end of the last line stays what it is: there, or not.
  const edited =
    added.length === 0
      ? kept
      : kept === '' || kept.endsWith('\n')
        ? `${kept}${added.map((line) => `${line}${newline}`).join('')}`
        : `${kept}${added.map((line) => `${newline}${line}`).join('')}`;

  const wanted = new Map(Object.entries(before));
  for (const [name, value] of variables) {
    if (value === undefined) wanted.delete(name);
    else wanted.set(name, value);
  }
  const spellable = [...variables.values()].every((value) => value === undefined || isSpellable.test(value));
  if (spellable && isDeepStrictEqual(new Map(Object.entries(readEnvironmentFile(edited))), wanted)) return edited;
  throw new Failure({
    reason: 'environment-not-editable',
    what: `cannot set ${[...variables.keys()].join(', ')} in ${file}`,
    why: 'the file, read again, would not say what was wanted, or would say something else that is new',
    next: `write ${file} plainly, a NAME=value on each line and none that goes on in the next; nothing was touched`,
    exit: exitCode.refused,
  });
}

function linesOf(text: string): readonly Line[] {
  return [...text.matchAll(/(?:[^\n\\]|\\[\s\S]|\\$)*(?:\n|$)/g)]
    .map(([line]) => line)
    .filter((line) => line !== '')
    .map((line) => ({ text: line, name: Object.keys(readEnvironmentFile(line))[0] }));
}

/** Where the last line goes and had no line end, the one before gives up its own. */
function without(lines: readonly Line[], name: string): readonly Line[] {
  const kept = lines.filter((line) => line.name !== name);
  const [last, end] = [lines.at(-1), kept.at(-1)];
  if (last === undefined || end === undefined || last.name !== name || last.text.endsWith('\n')) return kept;
  return [...kept.slice(0, -1), { ...end, text: end.text.replace(/\r?\n$/, '') }];
}

/** The same line with another value, its quotes and line end kept. */
function reassigned(line: string, value: string): string {
  const [, head = '', quote = ''] = /^(\s*(?:export\s+)?[A-Za-z_]\w*\s*=[^\S\r\n]*)(["']?)/.exec(line) ?? [];
  return `${head}${quoted(value, quote)}${/\s*$/.exec(line.slice(head.length))?.[0] ?? ''}`;
}

function quoted(value: string, quote: string): string {
  const marks = quote === '' && !/^[\w./:=,@%+~[\]-]*$/.test(value) ? '"' : quote;
  return `${marks}${value}${marks}`;
}
