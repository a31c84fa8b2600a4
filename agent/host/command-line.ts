import { posix } from 'node:path';

/** What a command line turns out to be. */
export type Invocation =
  | { readonly kind: 'etcd'; readonly words: readonly string[]; readonly environment: Readonly<Record<string, string>> }
  /** A shell script that mentions etcd and does more than to run it with plain arguments: only the shell could say which. */
  | { readonly kind: 'script'; readonly script: string }
  | { readonly kind: 'other' };

/** etcd's own subcommands, which run something else than a member. */
const otherPrograms: ReadonlySet<string> = new Set(['grpc-proxy', 'gateway']);
export const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh']);

/** Recognises etcd in a command line, also behind `sh -c "exec etcd …"`. `words` is what follows the program's name. */
export function recogniseEtcd(argv: readonly string[]): Invocation {
  const [program, ...words] = argv;
  if (program === undefined) return { kind: 'other' };
  const name = posix.basename(program);
  if (name === 'etcd')
    return otherPrograms.has(words[0] ?? '') ? { kind: 'other' } : { kind: 'etcd', words, environment: {} };
  if (name === 'env' || name === 'exec' || name === 'tini' || name === 'dumb-init')
    return recogniseEtcd(words.filter((word) => word !== '--'));
  if (!shells.has(name)) return { kind: 'other' };
  const flag = words.findIndex((word) => /^-[a-z]*c[a-z]*$/.test(word));
  const script = flag === -1 ? undefined : words[flag + 1];
  return script === undefined ? { kind: 'other' } : readScript(script);
}

/** A script is simple when it is one command (`set -e;` before it may be) of plain and quoted words, with variables set before it at most. */
function readScript(script: string): Invocation {
  if (!/\betcd\b/.test(script)) return { kind: 'other' };
  const complicated: Invocation = { kind: 'script', script };
  const command = script
    .replaceAll('\\\n', ' ')
    .trim()
    .replace(/^(?:set -[a-z]+(?:\s+[a-z]+)?\s*[;\n]\s*)+/, '');
  const words = splitPlainWords(command);
  if (words === undefined) return complicated;
  const rest = words[0] === 'exec' ? words.slice(1) : words;
  const firstWord = rest.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  if (firstWord === -1) return complicated;
  const found = recogniseEtcd(rest.slice(firstWord));
  if (found.kind !== 'etcd') return complicated;
  const environment = Object.fromEntries(
    rest.slice(0, firstWord).map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  return { ...found, environment };
}

/** Words as a shell would split them; undefined where it would do more than to split: variables, pipes, redirections, several commands. */
function splitPlainWords(command: string): string[] | undefined {
  const words: string[] = [];
  const token = /\s+|((?:[^\s'"\\$`;&|<>(){}*?#~!]|'[^']*'|"[^"\\$`]*"|\\[^\n])+)/gy;
  let at = 0;
  while (at < command.length) {
    token.lastIndex = at;
    const found = token.exec(command);
    if (found === null) return undefined;
    at = token.lastIndex;
    if (found[1] !== undefined) words.push(found[1].replace(/'([^']*)'|"([^"]*)"|\\(.)/gs, '$1$2$3'));
  }
  return words;
}
