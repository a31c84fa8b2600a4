import { isNode, isScalar } from 'yaml';
import type { Scalar } from 'yaml';
import type { Edit } from './manifest-text.ts';

/**
 * Spells a string in the style of its neighbour, quoted where it would not be the same string without. `flow` is inside of `[]` or `{}`, which
 * all of JSON is. Plain words are those that YAML 1.1 and 1.2 read alike, as the kubelet's parser is of the former.
 */
export function spellWord(word: string, style: Scalar.Type | undefined, flow: boolean): string {
  if (style === 'QUOTE_SINGLE' && /^[\x20-\x7e]*$/.test(word)) return `'${word.replaceAll("'", "''")}'`;
  // JSON's strings are strings of YAML.
  return style !== 'QUOTE_DOUBLE' && isPlain(word, flow) ? word : JSON.stringify(word);
}

function isPlain(word: string, flow: boolean): boolean {
  // A comma or a bracket ends a word in flow style, a colon may; without white space no # begins a comment and no colon a map.
  const characters = flow ? /^(?:--?)?[A-Za-z][\w./=@%+~-]*$/ : /^(?:--?)?[A-Za-z][\w./=@%+~:,[\]-]*$/;
  return characters.test(word) && !word.endsWith(':') && !/^(?:y|yes|n|no|on|off|true|false|null)$/i.test(word);
}

/** Another word where this one stands, in its style; its anchor, tag and comment stay. Undefined where it does not know its place. */
export function rewriteWord(text: string, node: unknown, word: string, flow: boolean): Edit | undefined {
  const place = placeOf(text, node);
  return place && { ...place, text: spellWord(word, isScalar(node) ? node.type : undefined, flow) };
}

/** From a node's first character to behind its last; a block scalar's ends before the end of its last line. */
export function placeOf(text: string, node: unknown): { readonly start: number; readonly end: number } | undefined {
  const [start, end] = (isNode(node) ? node.range : undefined) ?? [];
  if (start === undefined || end === undefined) return undefined;
  return { start, end: start + text.slice(start, end).trimEnd().length };
}
