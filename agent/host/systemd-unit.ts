/** What is wanted of a unit and its drop-ins: how the program is started. */
export interface UnitStart {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly environmentFiles: readonly { readonly path: string; readonly optional: boolean }[];
  readonly workingDirectory: string;
}

/**
 * Reads [Service] of a unit file followed by its drop-ins, in the order in which systemd applies them (systemd.unit(5), systemd.exec(5)): an
 * empty assignment forgets what came before. Undefined without an ExecStart. Pure.
 */
export function readUnit(files: readonly string[]): UnitStart | undefined {
  let command = '';
  let environment: Record<string, string> = {};
  let environmentFiles: { path: string; optional: boolean }[] = [];
  let workingDirectory = '/';
  for (const [name, value] of files.flatMap(serviceLines)) {
    if (name === 'ExecStart') command = value;
    else if (name === 'Environment') environment = value === '' ? {} : { ...environment, ...assignments(value) };
    else if (name === 'EnvironmentFile') {
      const optional = value.startsWith('-');
      environmentFiles =
        value === '' ? [] : [...environmentFiles, { path: optional ? value.slice(1) : value, optional }];
    } else if (name === 'WorkingDirectory') workingDirectory = value.replace(/^-/, '') || '/';
  }
  const argv = splitWords(command.replace(/^[-@:+!|]+/, ''));
  return argv.length === 0 ? undefined : { argv, environment, environmentFiles, workingDirectory };
}

/** An environment file: `NAME=value` lines, quotes around the value, `#` and `;` comments. */
export function readEnvironmentFile(text: string): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const line of text.replaceAll('\\\n', '').split('\n')) {
    const [, name, value] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) found[name] = value.replace(/^(["'])(.*)\1$/s, '$2');
  }
  return found;
}

/** `${NAME}` as part of a word, `$NAME` as a word of its own, which splits at spaces; unknown names are empty (systemd.service(5)). */
export function expandWords(argv: readonly string[], environment: Readonly<Record<string, string>>): readonly string[] {
  const value = (name: string) => (Object.hasOwn(environment, name) ? (environment[name] ?? '') : '');
  return argv.flatMap((word) => {
    const alone = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
    if (alone !== undefined) return splitWords(value(alone));
    return [
      word.replace(/\$\$|\$\{([A-Za-z_]\w*)\}/g, (_, name: string | undefined) =>
        name === undefined ? '$' : value(name),
      ),
    ];
  });
}

function serviceLines(text: string): [string, string][] {
  let section = '';
  return text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .flatMap((line): [string, string][] => {
      section = /^\s*\[(.+)\]\s*$/.exec(line)?.[1] ?? section;
      const [, name, value] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      return section === 'Service' && name !== undefined && value !== undefined ? [[name, value]] : [];
    });
}

function assignments(value: string): Record<string, string> {
  return Object.fromEntries(
    splitWords(value)
      .filter((word) => word.includes('='))
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
}

function splitWords(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*')+/g)].map(([word]) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'/g, (_, double: string | undefined, single: string | undefined) =>
      double === undefined ? (single ?? '') : double.replace(/\\(.)/g, '$1'),
    ),
  );
}
