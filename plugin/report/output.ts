/** `-o`: how a result is printed for the program that reads it. */
import { stringify } from 'yaml';
import { exitCode, Failure } from '../../core/failure.ts';

const outputFormats = ['wide', 'json', 'yaml', 'name'] as const;
/** `table` is what a person gets who asks for nothing else. */
export type OutputFormat = 'table' | (typeof outputFormats)[number];

/**
 * @param taken the formats that the command has: what it would print as something else is refused, not ignored.
 * @throws {Failure} `unknown-output-format`, exit code 2.
 */
export function parseOutputFormat(given: string | undefined): OutputFormat;
export function parseOutputFormat<Taken extends string>(
  given: string | undefined,
  taken: readonly Taken[],
): 'table' | Taken;
export function parseOutputFormat(given: string | undefined, taken: readonly string[] = outputFormats): string {
  if (given === undefined) return 'table';
  const format = taken.find((known) => known === given);
  if (format !== undefined) return format;
  throw new Failure({
    reason: 'unknown-output-format',
    what: `there is no output format ${JSON.stringify(given)} here`,
    next: `-o takes ${taken.join(', ')}`,
    exit: exitCode.usage,
  });
}

/**
 * The value as JSON (two spaces) or YAML, with a newline at its end. Fields stand in the order in which the value was built, which is the
 * documented one; what is undefined is left out.
 * In YAML, strings that a reader of YAML 1.1 (kubectl's and Python's, among others) would take for a number, a time or a boolean are quoted:
 * a member's id may well be `5e10`.
 */
export function formatValue(value: object, format: 'json' | 'yaml'): string {
  if (format === 'json') return `${JSON.stringify(value, undefined, 2)}\n`;
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' });
}

/** `-o name`: `member/cp1`, one a line, as kubectl prints names. */
export function formatNames(kind: string, names: readonly string[]): string {
  return names.map((name) => `${kind}/${name}\n`).join('');
}
