/** How many may be in their handshake at a time. */
const mostHalfOpen = 64;

interface Waiting<Connection> {
  readonly connection: Connection;
  readonly from: string;
}

/**
 * Connections that have not shown their certificate yet. When there are too many the oldest of the address that has the most has to go: whoever
 * opens hundreds and says nothing pushes out his own, and a handshake that goes on takes milliseconds.
 */
export class HalfOpen<Connection extends { destroy(): unknown }> {
  /** In the order in which they came. */
  readonly #waiting = new Map<string, Waiting<Connection>>();
  readonly #most: number;

  constructor(most = mostHalfOpen) {
    this.#most = most;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(connection: Connection, { from, key }: { readonly from: string; readonly key: string }): void {
    this.#waiting.set(key, { connection, from });
    if (this.#waiting.size > this.#most) this.#evict();
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

  #evict(): void {
    const counts = new Map<string, number>();
    for (const { from } of this.#waiting.values()) counts.set(from, (counts.get(from) ?? 0) + 1);
    const most = Math.max(...counts.values());
    for (const [key, { connection, from }] of this.#waiting) {
      if (counts.get(from) !== most) continue;
      this.#waiting.delete(key);
      connection.destroy();
      return;
    }
  }
}
