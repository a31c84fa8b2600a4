import { groupText, messageText } from './messages.generated.ts';

export interface FieldShape {
  readonly name: string;
  /** A scalar's name, or a message's as the table has it. */
  readonly type: string;
  readonly repeated: boolean;
  /** A map by string; `type` is its values'. */
  readonly map: boolean;
  readonly omitEmpty: boolean;
  readonly pointer: boolean;
  readonly inline: boolean;
}

export interface MessageShape {
  /** JSON spells the message as the value of its only field. */
  readonly alias: boolean;
  readonly fields: ReadonlyMap<number, FieldShape>;
}

let shapes: ReadonlyMap<string, string> | undefined;
const parsed = new Map<string, MessageShape>();

/** The message of this name in the table; undefined where there is none. Parsed when first asked for: a command needs a few of a thousand. */
export function messageShape(name: string): MessageShape | undefined {
  const known = parsed.get(name);
  if (known !== undefined) return known;
  shapes ??= new Map(messageText.split('\n\n').map((text) => [text.split('\n', 1)[0] ?? '', text]));
  const alias = shapes.has(`=${name}`);
  const text = shapes.get(alias ? `=${name}` : name);
  if (text === undefined) return undefined;
  const shape = { alias, fields: new Map(text.split('\n').slice(1).map(fieldShape)) };
  parsed.set(name, shape);
  return shape;
}

function fieldShape(line: string): [number, FieldShape] {
  const [number = '', name = '', type = '', marks = ''] = line.split(' ');
  return [
    Number(number),
    {
      name,
      type,
      repeated: marks.includes('r'),
      map: marks.includes('m'),
      omitEmpty: marks.includes('o'),
      pointer: marks.includes('p'),
      inline: marks.includes('i'),
    },
  ];
}

/** The message of a built-in kind (`apps/v1`, `Deployment`); undefined where the table has none. */
export function messageOfKind(apiVersion: string, kind: string): string | undefined {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/', 2) : ['', apiVersion];
  const line = groupText.split('\n').find((each) => each.startsWith(`${group ?? ''} `));
  if (line === undefined || version === undefined) return undefined;
  const name = `${line.slice(line.indexOf(' ') + 1).replace(/^k8s\.io\.api\./, '.')}.${version}.${kind}`;
  return messageShape(name) === undefined ? undefined : name;
}
