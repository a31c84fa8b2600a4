/**
 * How old a measurement is when it counts a third: long enough for a rate that can be read, short enough that a stall shows in seconds.
 */
const memoryMs = 3_000;

/** A rate out of running totals, smoothed by time: how often it is fed makes no difference. */
export class SmoothedRate {
  #atMs: number;
  #totalBytes = 0;
  #weighted = 0;
  #weight = 0;

  constructor(startedMs: number) {
    this.#atMs = startedMs;
  }

  /** Takes the total so far. Totals that do not grow are measurements too: the rate sinks. */
  add(nowMs: number, totalBytes: number): void {
    const elapsedMs = nowMs - this.#atMs;
    if (elapsedMs <= 0) return;
    const keep = Math.exp(-elapsedMs / memoryMs);
    const rate = ((totalBytes - this.#totalBytes) / elapsedMs) * 1_000;
    this.#weighted = this.#weighted * keep + rate * (1 - keep);
    this.#weight = this.#weight * keep + (1 - keep);
    this.#atMs = nowMs;
    this.#totalBytes = totalBytes;
  }

  /** Undefined before the first measurement. The weight corrects the start, which would otherwise read too slow. */
  get bytesPerSecond(): number | undefined {
    return this.#weight === 0 ? undefined : Math.max(0, this.#weighted / this.#weight);
  }
}
