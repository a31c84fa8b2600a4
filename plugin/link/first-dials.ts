import type { TLSSocket } from 'node:tls';

/** Connections that nobody has come for are closed again after this long. */
const keptMs = 5_000;

interface Dialled {
  readonly outcome: Promise<TLSSocket>;
  taken: boolean;
}

/**
 * Connections to all nodes, opened at once when a command begins: whoever needs one later finds it open, and a node that is down has been
 * found to be so once, beside everything else, and not again by each who asks.
 */
export class FirstDials {
  readonly #dialled: ReadonlyMap<string, Dialled>;

  constructor(nodes: readonly string[], dial: (node: string) => Promise<TLSSocket>) {
    this.#dialled = new Map(nodes.map((node) => [node, { outcome: dial(node), taken: false }]));
    for (const dialled of this.#dialled.values()) void this.#closeUnused(dialled);
  }

  /** Resolves when the connection is open, and leaves it to others. Fails as dialling has failed. */
  async ready(node: string): Promise<void> {
    await this.#dialled.get(node)?.outcome;
  }

  /** The connection; undefined where it was taken already. Fails as dialling has failed. */
  async take(node: string): Promise<TLSSocket | undefined> {
    const dialled = this.#dialled.get(node);
    if (dialled === undefined) return undefined;
    const socket = await dialled.outcome;
    if (dialled.taken || socket.destroyed) return undefined;
    dialled.taken = true;
    return socket;
  }

  async #closeUnused(dialled: Dialled): Promise<void> {
    const socket = await dialled.outcome.catch(() => undefined);
    if (socket === undefined) return;
    setTimeout(() => {
      if (!dialled.taken) socket.destroy();
      dialled.taken = true;
    }, keptMs).unref();
  }
}
