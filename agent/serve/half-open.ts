/** From so many on, who has had time enough has to go when others come. */
const manyHalfOpen = 64;
/** More there never are. */
const mostHalfOpen = 256;
/** What a handshake may take on a busy machine before it counts as one that says nothing. */
const graceMs = 1_000;

interface Waiting<Connection> {
  readonly connection: Connection;
  readonly from: string;
  readonly sinceMs: number;
}

export interface HalfOpenLimits {
  readonly many: number;
  readonly most: number;
  readonly graceMs: number;
}

/**
 * Connections that have not shown their certificate yet. When there are too many, the oldest of the address that has the most has to go: whoever
 * opens hundreds and says nothing pushes out his own, and a handshake that goes on takes milliseconds.
 */
export class HalfOpen<Connection extends { destroy(): unknown }> {
  /** In the order in which they came. */
  readonly #waiting = new Map<string, Waiting<Connection>>();
  readonly #limits: HalfOpenLimits;

  constructor(limits: HalfOpenLimits = { many: manyHalfOpen, most: mostHalfOpen, graceMs }) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** @param nowMs of a clock that only goes forward. */
  add(connection: Connection, { from, key }: { readonly from: string; readonly key: string }, nowMs: number): void {
    const { many, most, graceMs: grace } = this.#limits;
    this.#waiting.set(key, { connection, from, sinceMs: nowMs });
    if (this.#waiting.size <= many) return;
    const oldest = this.#oldestOfTheMost();
    if (oldest !== undefined && (this.#waiting.size > most || nowMs - oldest.waiting.sinceMs >= grace)) {
      this.#waiting.delete(oldest.key);
      oldest.waiting.connection.destroy();
    }
  }

  /** It has shown its certificate: it is no concern of this list any more. */
  admit(key: string): void {
    this.#waiting.delete(key);
  }

  /** It has gone. Its key may have come to be another's by now. */
  remove(key: string, connection: Connection): void {
    if (this.#waiting.get(key)?.connection === connection) this.#waiting.delete(key);
  }

  clear(): void {
    for (const { connection } of this.#waiting.values()) connection.destroy();
    this.#waiting.clear();
  }

  #oldestOfTheMost(): { readonly key: string; readonly waiting: Waiting<Connection> } | undefined {
    const counts = new Map<string, number>();
    for (const { from } of this.#waiting.values()) counts.set(from, (counts.get(from) ?? 0) + 1);
    const most = Math.max(...counts.values());
    for (const [key, waiting] of this.#waiting) if (counts.get(waiting.from) === most) return { key, waiting };
    return undefined;
  }
}
