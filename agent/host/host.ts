import type { Readable } from 'node:stream';
import type { EtcdProcess, FoundEtcd } from '../../core/protocol/messages.ts';
import type { TlsFiles } from './options.ts';

/** What is known of the etcd of this node without asking it. */
export interface EtcdOnHost {
  readonly etcd: FoundEtcd;
  /** Absent where clients speak plain HTTP. Paths of the host, for chooseCredentials. */
  readonly tls: TlsFiles | undefined;
  /** Sentences about what a person should mend; nothing that stops us. */
  readonly warnings: readonly string[];
}

export interface LogsWanted {
  /** Of the last one that died, instead of the newest. */
  readonly previous: boolean;
  /** All lines where undefined. */
  readonly tailLines: number | undefined;
  /** Goes on with what is written, and with the next container when this one is replaced, until the signal aborts. */
  readonly follow: boolean;
  /** Ends the stream, not as an error. */
  readonly signal: AbortSignal;
}

/** How etcd is run on this node: one driver for each way. Every method reads the node anew: files and containers change under us. */
export interface EtcdHost {
  /** @throws {Failure} that says precisely which file cannot be understood and why. */
  find(): Promise<EtcdOnHost>;
  /** Never fails for want of an answer: `unknown` says that nobody could tell. */
  state(): Promise<EtcdProcess>;
  /**
   * etcd's own log: chunks of text (strings), each of whole lines. Holds a block of a file in memory, whatever the log's size.
   * The stream is destroyed with a Failure `no-log` where there is none.
   */
  logs(wanted: LogsWanted): Readable;
}
