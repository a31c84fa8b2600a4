/** How sizes, rates, durations and times read. Pure; everything takes plain numbers, with the unit in the parameter's name. */

const sizeUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const secondsPer = { minute: 60, hour: 3_600, day: 86_400, year: 365 * 86_400 } as const;

/** `512 B`, `1.1 GiB`, `761 MiB`: binary units, one decimal below 100. Rounding never yields `1024 MiB`. */
export function formatSize(sizeBytes: number): string {
  let value = Math.max(0, sizeBytes);
  let unit = 0;
  while (unit < sizeUnits.length - 1 && Math.round(value) >= 1024) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(Math.round(value)) : oneDecimalBelow100(value)} ${sizeUnits[unit] ?? ''}`;
}

/** `131 MiB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}

/** `68 %` of a whole, rounded down: 100 % means all of it. Never above 100, and 0 of an empty whole. */
export function formatShare(part: number, whole: number): string {
  const share = whole <= 0 ? 0 : Math.floor((100 * part) / whole);
  return `${Math.min(100, Math.max(0, share))} %`;
}

/**
 * An age as kubectl prints it: `41m`, `3d4h`, `211d`; two units while the number is small, one after that.
 * Unlike kubectl's `132m`, two hours and twelve minutes are `2h12m`: nobody should have to divide at night.
 * A time in the future, by clocks that differ, is `0s`.
 */
export function formatAge(ageMs: number): string {
  const seconds = Math.max(0, Math.floor(ageMs / 1_000));
  const { minute, hour, day, year } = secondsPer;
  if (seconds < 2 * minute) return `${seconds}s`;
  if (seconds < 10 * minute) return twoUnits(seconds, [minute, 'm'], [1, 's']);
  if (seconds < hour) return `${Math.floor(seconds / minute)}m`;
  if (seconds < 8 * hour) return twoUnits(seconds, [hour, 'h'], [minute, 'm']);
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)}h`;
  if (seconds < 8 * day) return twoUnits(seconds, [day, 'd'], [hour, 'h']);
  if (seconds < 2 * year) return `${Math.floor(seconds / day)}d`;
  if (seconds < 8 * year) return twoUnits(seconds, [year, 'y'], [day, 'd']);
  return `${Math.floor(seconds / year)}y`;
}

/** How long something took: `8.4 s`, `120 s`, from two minutes on `2m5s`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, durationMs) / 1_000;
  return seconds < 2 * secondsPer.minute ? `${oneDecimalBelow100(seconds)} s` : formatAge(durationMs);
}

/** How long something will still take: whole seconds, rounded up, so that it is never `0 s` while it lasts. */
export function formatTimeLeft(leftMs: number): string {
  const seconds = Math.max(1, Math.ceil(Math.round(leftMs) / 1_000));
  return seconds < 2 * secondsPer.minute ? `${seconds} s` : formatAge(seconds * 1_000);
}

/** RFC 3339 in UTC to the second: `2026-11-21T10:15:02Z`. */
export function formatTime(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}

/** A time for the names of files: `20261121T101502Z`. */
export function formatStamp(time: Date): string {
  return formatTime(time).replaceAll(/[-:]/g, '');
}

function oneDecimalBelow100(value: number): string {
  return value < 99.95 ? value.toFixed(1) : value.toFixed(0);
}

type Unit = readonly [seconds: number, letter: string];

function twoUnits(seconds: number, [big, bigLetter]: Unit, [small, smallLetter]: Unit): string {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)}${bigLetter}${rest === 0 ? '' : `${rest}${smallLetter}`}`;
}
