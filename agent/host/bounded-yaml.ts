import { Composer, Parser } from 'yaml';
import type { Document } from 'yaml';

/** A manifest or a configuration is a few KiB; a parser of YAML given megabytes would keep the agent from all else. */
export const yamlLimitBytes = 256 * 1024;
/** The parser looks for an alias's anchor from the beginning each time; manifests that people write have none or a handful. */
const mostAliases = 500;

/**
 * The first document of YAML (or JSON) text; undefined where there is none. As for the kubelet (sigs.k8s.io/yaml), a key that stands twice
 * counts as it stands last: checking that would also take the square of the number of keys.
 * @throws {Error} whose message is one line; within a second or two for anything of that size.
 */
export function parseBoundedYaml(text: string): unknown {
  return inOneLine(() => {
    const value: unknown = firstDocument(text, false)?.toJS({ maxAliasCount: 100 });
    return value;
  });
}

/** The same document as nodes that know their place in the text. @throws as `parseBoundedYaml`. */
export function parseBoundedDocument(text: string): Document.Parsed | undefined {
  return inOneLine(() => firstDocument(text, true));
}

function firstDocument(text: string, keepSourceTokens: boolean): Document.Parsed | undefined {
  if (text.length > yamlLimitBytes) throw new Error(`it has more than ${yamlLimitBytes} bytes`);
  // Counted too high where a * stands for itself, which 500 times is no manifest either.
  if ((text.match(/(?:^|[\s,[{:-])\*/gm)?.length ?? 0) > mostAliases)
    throw new Error(`it has more than ${mostAliases} aliases`);
  const composer = new Composer({ merge: true, uniqueKeys: false, logLevel: 'silent', keepSourceTokens });
  // Lazily: what stands after the first document is not even looked at.
  const first = composer.compose(new Parser().parse(text)).next().value ?? undefined;
  const [error] = first?.errors ?? [];
  if (error !== undefined) throw error;
  return first;
}

function inOneLine<Parsed>(parse: () => Parsed): Parsed {
  try {
    return parse();
  } catch (cause) {
    // The parser recurses: for thousands of nested brackets the stack is what ends it.
    if (cause instanceof RangeError) throw new Error('it is nested too deeply', { cause });
    throw new Error((cause instanceof Error ? cause.message : String(cause)).split('\n')[0], { cause });
  }
}
