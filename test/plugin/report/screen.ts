/** Streams as a process has them, and what a person sees on the terminal behind one. */
import { PassThrough } from 'node:stream';
import { Terminal } from '../../../plugin/report/terminal.ts';

export interface Screen {
  readonly terminal: Terminal;
  readonly stdout: PassThrough;
  readonly stderr: PassThrough;
  /** All that was written so far to each. */
  readonly written: { stdout: string; stderr: string };
}

export interface ScreenOptions {
  /** Which of the streams are terminals, of this width. */
  readonly terminals?: readonly ('stdin' | 'stdout' | 'stderr')[];
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export function openScreen({ terminals = [], columns = 80, env = {} }: ScreenOptions = {}): Screen {
  const open = (name: 'stdin' | 'stdout' | 'stderr') =>
    Object.assign(new PassThrough(), terminals.includes(name) ? { isTTY: true, columns } : {});
  const [stdin, stdout, stderr] = [open('stdin'), open('stdout'), open('stderr')];
  const written = { stdout: '', stderr: '' };
  stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()));
  stderr.on('data', (chunk: Buffer) => (written.stderr += chunk.toString()));
  return { terminal: new Terminal({ stdin, stdout, stderr, env }), stdout, stderr, written };
}

/** The lines that remain visible when a terminal of this width has shown the text. Knows the sequences that are written, and no others. */
export function visibleLines(text: string, columns = 80): string[] {
  const rows: string[][] = [[]];
  let [row, column] = [0, 0];
  for (const [piece] of text.matchAll(/\u001b\[\d*[A-Za-z]|[\s\S]/gu)) {
    if (piece.startsWith('\u001b')) {
      if (piece.endsWith('A')) row = Math.max(0, row - Number(piece.slice(2, -1)));
      else if (piece.endsWith('J')) rows.splice(row, rows.length, (rows[row] ?? []).slice(0, column));
      else throw new Error(`the screen does not know ${JSON.stringify(piece)}`);
    } else if (piece === '\r') column = 0;
    else {
      if (piece === '\n' || column === columns) [row, column] = [row + 1, 0];
      while (rows.length <= row) rows.push([]);
      if (piece !== '\n') (rows[row] ?? [])[column++] = piece;
    }
  }
  return rows.map((cells) => cells.join('')).filter((line, at) => line !== '' || at < rows.length - 1);
}
