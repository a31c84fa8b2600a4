/** Lines on standard error, one a state change, with the seconds since the verb began. */
const startedMs = performance.now();

/** Seconds since this program started. */
export function elapsedSeconds(): number {
  return (performance.now() - startedMs) / 1000;
}

export function say(what: string): void {
  process.stderr.write(`[${elapsedSeconds().toFixed(1).padStart(6)} s] ${what}\n`);
}
