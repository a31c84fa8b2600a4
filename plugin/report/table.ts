/**
 * Tables as kubectl prints them: headers in capitals, columns three spaces apart, no borders.
 */
import { cutToWidth, oneLine, paintNothing, widthOf } from './text.ts';
import type { Paint, Style } from './text.ts';

/** A cell's style only repeats what its words say: colour is never the only sign. */
export type Cell = string | { readonly text: string; readonly style?: Style | undefined };

export interface Column<Row> {
  readonly header: string;
  readonly cell: (row: Row) => Cell;
  /** Where the table is too wide for the terminal, this column gives way first. */
  readonly givesWay?: boolean;
}

export interface TableOptions {
  /** The terminal's width; undefined where the table goes into a pipe or a file, and nothing is ever cut. */
  readonly widthColumns?: number | undefined;
  readonly paint?: Paint;
}

const gap = '   ';
/** What remains of a column that gives way: less says nothing. */
const leastColumns = 16;

/** The table's lines, without trailing spaces. Empty cells read `-`. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: TableOptions = {},
): string[] {
  const { widthColumns, paint = paintNothing } = options;
  const lines = [
    columns.map(({ header }): StyledText => ({ text: header.toUpperCase(), style: undefined })),
    ...rows.map((row) => columns.map(({ cell }) => styledText(cell(row)))),
  ];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => widthOf(line[at]?.text ?? ''))));
  if (widthColumns !== undefined) giveWay(columns, widths, widthColumns);
  return lines.map((cells) => renderLine(cells, widths, widthColumns ?? Infinity, paint));
}

interface StyledText {
  readonly text: string;
  readonly style: Style | undefined;
}

function styledText(cell: Cell): StyledText {
  const text = oneLine(typeof cell === 'string' ? cell : cell.text);
  return { text: text === '' ? '-' : text, style: typeof cell === 'string' ? undefined : cell.style };
}

function giveWay(columns: readonly Column<never>[], widths: number[], widthColumns: number): void {
  let overflow = widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1)) - widthColumns;
  for (const [at, { givesWay = false, header }] of columns.entries()) {
    const width = widths[at] ?? 0;
    if (overflow <= 0 || !givesWay) continue;
    const taken = Math.min(overflow, Math.max(0, width - Math.max(leastColumns, header.length)));
    widths[at] = width - taken;
    overflow -= taken;
  }
}

function renderLine(
  cells: readonly StyledText[],
  widths: readonly number[],
  widthColumns: number,
  paint: Paint,
): string {
  let line = '';
  let left = widthColumns;
  for (const [at, { text, style }] of cells.entries()) {
    const width = widths[at] ?? 0;
    const last = at === cells.length - 1;
    const shown = cutToWidth(text, Math.min(width, left));
    const padding = last
      ? ''
      : ' '.repeat(Math.min(width - widthOf(shown) + gap.length, Math.max(0, left - widthOf(shown))));
    line += (style === undefined ? shown : paint(style, shown)) + padding;
    left -= width + gap.length;
    if (left <= 0) break;
  }
  return line.trimEnd();
}
