/**
 * What a person sees while something takes its time. On a terminal: a spinner with words, or a bar, redrawn at most ten times a second below
 * everything else. Without one: a line with its time when the state changes, and one every ten seconds while bytes move.
 * Own code, as the libraries (ora, cli-progress, log-update) each bring one half of this, all write to the stream by themselves past the
 * terminal's owner, and say nothing useful without a terminal.
 */
import { SmoothedRate } from './smoothed-rate.ts';
import type { Terminal } from './terminal.ts';
import { oneLine } from './text.ts';
import { formatRate, formatShare, formatSize, formatTime, formatTimeLeft } from './units.ts';

/** What ends within this shows nothing: a flash helps nobody. */
const quietMs = 500;
const redrawMs = 100;
/** Without a terminal: between two lines about the same transfer. */
const lineEveryMs = 10_000;
/** Without a terminal, a wait becomes a line when it lasts this long. */
const longWaitMs = 2_000;
const barColumns = 36;
const spinnerFrames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

interface Transfer {
  doneBytes: number;
  totalBytes: number | undefined;
  readonly rate: SmoothedRate;
}

/**
 * One piece of long work. To be held with `using`, or ended in a `finally`: then the display is gone however the work ends, by a failure and
 * by Ctrl-C too.
 */
export class Progress implements Disposable {
  readonly #terminal: Terminal;
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #text: string;
  #textSinceMs = performance.now();
  #announced = false;
  #transfer: Transfer | undefined;
  #lastLineMs = performance.now();
  #frame = 0;

  /** @param text what goes on, as `asking 3 nodes`. It shows when half a second has passed. */
  constructor(terminal: Terminal, text: string) {
    this.#terminal = terminal;
    this.#text = oneLine(text);
    this.#timer = setInterval(() => this.#tick(), redrawMs);
    // The work keeps the process alive, not its display.
    this.#timer.unref();
  }

  /** Says what is waited for now. A short wait leaves no trace. */
  wait(text: string): void {
    this.#change(text, false);
  }

  /** Says that a state was reached: with no terminal this is a line, however quickly the next one follows. */
  state(text: string): void {
    this.#change(text, true);
    if (!this.#terminal.isLive) this.#writeLine(this.#text);
  }

  /**
   * Tells how many bytes are done; as cheap as an assignment, to be called with every chunk.
   * @param totalBytes an estimate may do: where more arrives than it said, the bar stays at 100 %.
   */
  bytes(doneBytes: number, totalBytes?: number): void {
    this.#transfer ??= { doneBytes: 0, totalBytes, rate: new SmoothedRate(performance.now()) };
    this.#transfer.doneBytes = doneBytes;
    this.#transfer.totalBytes = totalBytes;
  }

  /** Takes the display away. May be called twice. */
  end(): void {
    clearInterval(this.#timer);
    this.#terminal.showLive([]);
  }

  [Symbol.dispose](): void {
    this.end();
  }

  #change(text: string, announced: boolean): void {
    this.#text = oneLine(text);
    this.#textSinceMs = performance.now();
    this.#announced = announced;
    this.#transfer = undefined;
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#transfer?.rate.add(nowMs, this.#transfer.doneBytes);
    if (this.#terminal.isLive) {
      if (nowMs - this.#startedMs >= quietMs) this.#draw();
      return;
    }
    if (!this.#announced && nowMs - this.#textSinceMs >= longWaitMs) {
      this.#announced = true;
      this.#writeLine(this.#text);
    } else if (this.#transfer !== undefined && nowMs - this.#lastLineMs >= lineEveryMs) {
      this.#writeLine(`${this.#text}: ${figures(this.#transfer).join(', ')}`);
    }
  }

  #draw(): void {
    this.#frame = (this.#frame + 1) % spinnerFrames.length;
    if (this.#transfer === undefined) {
      this.#terminal.showLive([`${spinnerFrames[this.#frame] ?? ''} ${this.#text}`]);
    } else {
      this.#terminal.showLive([this.#text, ` ${bar(this.#transfer)}${figures(this.#transfer).join('   ')}`]);
    }
  }

  #writeLine(text: string): void {
    this.#lastLineMs = performance.now();
    this.#terminal.note(`${formatTime(new Date())} ${text}`);
  }
}

/** Empty where nobody knows how much there is. */
function bar({ doneBytes, totalBytes }: Transfer): string {
  if (totalBytes === undefined || totalBytes <= 0) return '';
  const full = Math.min(barColumns, Math.floor((barColumns * doneBytes) / totalBytes));
  return `${'█'.repeat(full)}${'░'.repeat(barColumns - full)}  `;
}

/** Percentage, done of total, rate, time left; what is not known is left out. */
function figures({ doneBytes, totalBytes, rate }: Transfer): string[] {
  const known = totalBytes !== undefined && totalBytes > 0;
  const leftBytes = known ? totalBytes - doneBytes : 0;
  const { bytesPerSecond } = rate;
  return [
    ...(known ? [formatShare(doneBytes, totalBytes)] : []),
    known && leftBytes > 0 ? `${formatSize(doneBytes)} of ${formatSize(totalBytes)}` : formatSize(doneBytes),
    ...(bytesPerSecond === undefined ? [] : [formatRate(bytesPerSecond)]),
    ...(bytesPerSecond === undefined || bytesPerSecond < 1 || leftBytes <= 0
      ? []
      : [`${formatTimeLeft((leftBytes / bytesPerSecond) * 1_000)} left`]),
  ];
}
