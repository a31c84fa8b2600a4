/** Text on its way to a terminal: made harmless, measured in columns, cut. */
import { stripVTControlCharacters, styleText } from 'node:util';
import stringWidth from 'string-width';

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green';
/** Colours a text, or returns it as it is where colour is not allowed. */
export type Paint = (style: Style, text: string) => string;

export const paintNothing: Paint = (_style, text) => text;
/** The stream was judged already (see terminal.ts), so that Node shall not judge it again by its own rules. */
export const paintColours: Paint = (style, text) => styleText(style, text, { validateStream: false });

/**
 * One line without control characters. Errors come from other machines, and what they say must not move the cursor, change the
 * colour, or break a table's row.
 */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const plainAscii = /^[\x20-\x7e]*$/;

/** The columns that a text takes on a terminal: wide characters count two, combining ones none, colours none. */
export function widthOf(text: string): number {
  return plainAscii.test(text) ? text.length : stringWidth(text);
}

/** The text, cut to so many columns, its end then marked by `…`. Never cuts through a character. */
export function cutToWidth(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let taken = 0;
  for (const { segment } of graphemes.segment(text)) {
    taken += widthOf(segment);
    if (taken > columns - 1) break;
    kept += segment;
  }
  return columns > 0 ? `${kept.trimEnd()}…` : '';
}
