/** Text on its way to a terminal: made harmless, measured in columns, cut. */
import { stripVTControlCharacters, styleText } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';

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

/**
 * The columns that a text takes on a terminal: wide characters count two, combining ones none, colours none.
 * Which characters are wide is a table of Unicode's that changes every year: a library's work. string-width, built on the same table, would
 * cost every start of the plugin 20 ms and more for its regular expressions.
 */
export function widthOf(text: string): number {
  if (plainAscii.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(stripVTControlCharacters(text))) columns += widthOfGrapheme(segment);
  return columns;
}

function widthOfGrapheme(grapheme: string): number {
  if (/^[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Mn}\p{Me}]+$/u.test(grapheme)) return 0;
  // U+FE0F asks for a picture where the character alone would be text.
  if (/\p{Emoji_Presentation}|\u{fe0f}/u.test(grapheme)) return 2;
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0);
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
