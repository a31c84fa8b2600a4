import type { Usage } from '../../core/snapshot/usage.ts';
import { formatSize } from '../report/units.ts';

interface Tile {
  readonly title: string;
  readonly detail: string;
  readonly bytes: number;
  readonly colour: string;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Tiles below this share of the whole cannot be seen; they are drawn as one. */
const smallestShare = 0.0005;

/** One page, nothing loaded from anywhere: a map in which every area is as large as its bytes. */
export function usagePage(file: string, usage: Usage): string {
  const tiles = tilesOf(usage);
  const total = tiles.reduce((sum, { bytes }) => sum + bytes, 0);
  const boxes: string[] = [];
  divide(tiles, { x: 0, y: 0, width: 100, height: 100 }, (tile, box) => boxes.push(drawn(tile, box, total)));
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(file)}: what fills it</title>
<style>
body { margin: 0; font: 13px system-ui, sans-serif; display: flex; flex-direction: column; height: 100vh; background: Canvas; color: CanvasText }
header { padding: 8px 12px } main { position: relative; flex: 1 }
div { position: absolute; box-sizing: border-box; overflow: hidden; padding: 3px 5px; border: 1px solid #fff; color: #111; white-space: nowrap }
</style>
<header><b>${escaped(file)}</b> ${formatSize(usage.databaseBytes)}: live, <i>history that compaction takes away (lighter)</i>, free space and overhead (grey)</header>
<main>${boxes.join('\n')}</main></html>
`;
}

function tilesOf({ entries, freeBytes, overheadBytes, databaseBytes }: Usage): Tile[] {
  const tiles: Tile[] = [];
  let restBytes = 0;
  for (const { resource, namespace, liveBytes, oldBytes, liveKeys, oldRevisions } of entries) {
    const title = namespace === undefined ? resource : `${resource} in ${namespace}`;
    const hue = hueOf(resource);
    if (liveBytes >= databaseBytes * smallestShare)
      tiles.push({ title, detail: `${liveKeys} keys`, bytes: liveBytes, colour: `hsl(${hue} 60% 65%)` });
    else restBytes += liveBytes;
    if (oldBytes >= databaseBytes * smallestShare)
      tiles.push({
        title: `${title}: history`,
        detail: `${oldRevisions} revisions`,
        bytes: oldBytes,
        colour: `hsl(${hue} 40% 85%)`,
      });
    else restBytes += oldBytes;
  }
  tiles.push({ title: 'free', detail: 'what defragmentation gives back', bytes: freeBytes, colour: '#ddd' });
  tiles.push({
    title: 'overhead',
    detail: 'partly filled pages, branches, records of etcd',
    bytes: overheadBytes,
    colour: '#bbb',
  });
  tiles.push({ title: 'everything else', detail: 'too small to draw', bytes: restBytes, colour: '#ccc' });
  return tiles.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
}

/** Halves the bytes and the longer side, again and again: simple, and no tile becomes a thread while others are squares. */
function divide(tiles: readonly Tile[], box: Box, draw: (tile: Tile, box: Box) => void): void {
  const [first] = tiles;
  if (first === undefined) return;
  if (tiles.length === 1) return draw(first, box);
  const total = tiles.reduce((sum, { bytes }) => sum + bytes, 0);
  let split = 1;
  let before = first.bytes;
  while (split < tiles.length - 1 && before + (tiles[split]?.bytes ?? 0) <= total / 2)
    before += tiles[split++]?.bytes ?? 0;
  const share = before / total;
  const across = box.width >= box.height;
  const near = across ? { ...box, width: box.width * share } : { ...box, height: box.height * share };
  const far = across
    ? { ...box, x: box.x + near.width, width: box.width - near.width }
    : { ...box, y: box.y + near.height, height: box.height - near.height };
  divide(tiles.slice(0, split), near, draw);
  divide(tiles.slice(split), far, draw);
}

function drawn({ title, detail, bytes, colour }: Tile, box: Box, total: number): string {
  const place = `left:${percent(box.x)};top:${percent(box.y)};width:${percent(box.width)};height:${percent(box.height)}`;
  const said = `${title}, ${formatSize(bytes)} (${((100 * bytes) / total).toFixed(1)} %), ${detail}`;
  return `<div style="${place};background:${colour}" title="${escaped(said)}">${escaped(title)}<br>${formatSize(bytes)}</div>`;
}

const percent = (value: number) => `${value.toFixed(4)}%`;

function hueOf(text: string): number {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360;
  return hash;
}

/** Keys come from anyone who may write to etcd. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
