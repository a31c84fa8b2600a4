import { expect, test } from '@jest/globals';
import {
  formatAge,
  formatDuration,
  formatRate,
  formatShare,
  formatSize,
  formatStamp,
  formatTime,
  formatTimeLeft,
} from '../../../plugin/report/units.ts';

const kib = 1024;
const mib = 1024 * kib;
const gib = 1024 * mib;
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1536, '1.5 KiB'],
  [99.94 * mib, '99.9 MiB'],
  [99.96 * mib, '100 MiB'],
  [761 * mib, '761 MiB'],
  [1023.4 * mib, '1023 MiB'],
  [1023.6 * mib, '1.0 GiB'],
  [1.1 * gib, '1.1 GiB'],
  [8 * gib, '8.0 GiB'],
  [2 ** 53, '8192 TiB'],
  [-1, '0 B'],
])('size %d is %s', (sizeBytes, text) => expect(formatSize(sizeBytes)).toBe(text));

test('a rate is a size a second', () => expect(formatRate(131 * mib)).toBe('131 MiB/s'));

test.each([
  [0, 100, '0 %'],
  [682, 1000, '68 %'],
  [999, 1000, '99 %'],
  [1000, 1000, '100 %'],
  [1200, 1000, '100 %'],
  [5, 0, '0 %'],
])('%d of %d is %s', (part, whole, text) => expect(formatShare(part, whole)).toBe(text));

test.each([
  [-5 * second, '0s'],
  [0, '0s'],
  [119 * second, '119s'],
  [2 * minute, '2m'],
  [9 * minute + 59 * second, '9m59s'],
  [10 * minute + 59 * second, '10m'],
  [41 * minute, '41m'],
  [hour, '1h'],
  [2 * hour + 12 * minute, '2h12m'],
  [8 * hour, '8h'],
  [47 * hour, '47h'],
  [2 * day, '2d'],
  [3 * day + 4 * hour, '3d4h'],
  [8 * day + hour, '8d'],
  [211 * day, '211d'],
  [2 * 365 * day + 3 * day, '2y3d'],
  [9 * 365 * day, '9y'],
])('an age of %d ms is %s', (ageMs, text) => expect(formatAge(ageMs)).toBe(text));

test.each([
  [0, '0.0 s'],
  [8_440, '8.4 s'],
  [41_000, '41.0 s'],
  [119_000, '119 s'],
  [125_000, '2m5s'],
])('%d ms took %s', (durationMs, text) => expect(formatDuration(durationMs)).toBe(text));

test.each([
  [1, '1 s'],
  [2_001, '3 s'],
  [119_500, '2m'],
  [3 * hour + minute, '3h1m'],
])('%d ms left are %s', (leftMs, text) => expect(formatTimeLeft(leftMs)).toBe(text));

test('times are UTC to the second', () => {
  const time = new Date('2026-11-21T11:15:02.999+01:00');
  expect(formatTime(time)).toBe('2026-11-21T10:15:02Z');
  expect(formatStamp(time)).toBe('20261121T101502Z');
});
