import { isScalar } from 'yaml';
import type { YAMLSeq } from 'yaml';
import type { Edit } from './manifest-text.ts';
import { placeOf, spellWord } from './yaml-word.ts';

/**
 * Takes items out of a list: of a block list their lines, comments behind them included, of a flow list what lies up to the item before. What
 * `appendWords` added is so taken out to the byte.
 * @returns undefined where the list is laid out in a way that is not known here.
 */
export function removeItems(text: string, list: YAMLSeq, indexes: ReadonlySet<number>): readonly Edit[] | undefined {
  if (indexes.size === 0) return [];
  const edits = list.flow === true ? removeFlow(text, list, indexes) : removeLines(text, list, indexes);
  return edits.every((edit) => edit !== undefined) ? edits : undefined;
}

/** Adds words behind the last one, in its style. @returns undefined as `removeItems`, and for a list without any item. */
export function appendWords(text: string, list: YAMLSeq, words: readonly string[]): readonly Edit[] | undefined {
  if (words.length === 0) return [];
  const last = list.items.at(-1);
  const place = placeOf(text, last);
  if (place === undefined) return undefined;
  const spelled = words.map((word) => spellWord(word, isScalar(last) ? last.type : undefined, list.flow === true));
  if (list.flow === true) {
    const between = separator(text, list);
    return [{ start: place.end, end: place.end, text: spelled.map((word) => `${between}${word}`).join('') }];
  }
  const dash = dashes(list)?.at(-1);
  if (dash === undefined) return undefined;
  const indent = text.slice(text.lastIndexOf('\n', dash - 1) + 1, dash);
  if (!/^ *$/.test(indent)) return undefined;
  const gap = /^ +$/.exec(text.slice(dash + 1, place.start))?.[0] ?? ' ';
  const at = lineEnd(text, place.end);
  const newline = /\r?\n/.exec(text.slice(at))?.[0] ?? /\r?\n/.exec(text)?.[0] ?? '\n';
  return [{ start: at, end: at, text: spelled.map((word) => `${newline}${indent}-${gap}${word}`).join('') }];
}

function removeLines(text: string, list: YAMLSeq, indexes: ReadonlySet<number>): (Edit | undefined)[] {
  const found = dashes(list);
  return [...indexes].map((index) => {
    const dash = found?.[index];
    const place = placeOf(text, list.items[index]);
    if (dash === undefined || place === undefined) return undefined;
    const line = text.lastIndexOf('\n', dash - 1);
    return line === -1 ? undefined : { start: beforeReturn(text, line), end: lineEnd(text, place.end), text: '' };
  });
}

function removeFlow(text: string, list: YAMLSeq, indexes: ReadonlySet<number>): (Edit | undefined)[] {
  const places = list.items.map((item) => placeOf(text, item));
  const firstKept = places.findIndex((_, index) => !indexes.has(index));
  return [...indexes].map((index) => {
    const place = places[index];
    if (place === undefined) return undefined;
    // What leads the list goes with the comma behind it.
    if (firstKept === -1 || index < firstKept) {
      const end = places[index + 1]?.start ?? place.end + (/^\s*,/.exec(text.slice(place.end))?.[0].length ?? 0);
      return { start: place.start, end, text: '' };
    }
    const start = places[index - 1]?.end ?? place.start;
    // Between the two may be a comment, of the other or of nobody.
    return text.slice(start, place.start).includes('#') ? undefined : { start, end: place.end, text: '' };
  });
}

/** What stands between the items of a flow list: a comma, and the white space that its author likes. */
function separator(text: string, list: YAMLSeq): string {
  const places = list.items.map((item) => placeOf(text, item));
  const [before, last] = [places.at(-2), places.at(-1)];
  if (before !== undefined && last !== undefined) {
    const between = text.slice(before.end, last.start);
    if (/^\s*,\s*$/.test(between)) return between;
  }
  return ', ';
}

/** Where the dashes of a block list stand. */
function dashes(list: YAMLSeq): readonly number[] | undefined {
  const token = list.srcToken;
  if (token?.type !== 'block-seq') return undefined;
  const found = token.items.flatMap(({ start }) => start.filter(({ type }) => type === 'seq-item-ind'));
  return found.length === list.items.length ? found.map(({ offset }) => offset) : undefined;
}

/** Where the line that holds this character ends, its line end not counted. */
function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline === -1 ? text.length : beforeReturn(text, newline);
}

function beforeReturn(text: string, newline: number): number {
  return text[newline - 1] === '\r' ? newline - 1 : newline;
}
