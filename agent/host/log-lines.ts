/** Turns the bytes of a log file into whole lines of what etcd wrote. */
export interface LineDecoder {
  /** What is complete by now; may be empty. */
  push(chunk: Buffer): Buffer;
  /** What is left when nothing more will come, ended with a line feed. */
  end(): Buffer;
}

/** A line that never ends must not fill the memory: it is cut here. */
const longestLineBytes = 256 * 1024;

/** For a file that holds etcd's own lines. */
export function plainLines(): LineDecoder {
  return new Lines((line) => `${line}\n`);
}

/**
 * For the kubelet's files: `<time> stdout|stderr F|P <text>` (CRI, k8s pkg/kubelet/kuberuntime/logs), a P line goes on in the next one of its
 * stream; or Docker's `{"log":"text\n",…}`. A line in neither form goes through as it is.
 */
export function containerLines(): LineDecoder {
  const begun = new Map<string, string>();
  return new Lines((line) => {
    const found = /^\S+ (stdout|stderr) ([A-Z:]+) ?(.*)$/s.exec(line);
    const [, stream, tag, text] = found ?? [];
    if (stream === undefined || text === undefined) return line.startsWith('{"log":') ? dockerText(line) : `${line}\n`;
    const whole = (begun.get(stream) ?? '') + text;
    const partial = tag?.split(':')[0] === 'P' && whole.length < longestLineBytes;
    begun.set(stream, partial ? whole : '');
    return partial ? '' : `${whole}\n`;
  });
}

function dockerText(line: string): string {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === 'object' && entry !== null && 'log' in entry && typeof entry.log === 'string')
      return entry.log;
  } catch {
    // Cut off in the middle, as by a power failure.
  }
  return `${line}\n`;
}

/** Works on latin1 text, in which every byte is one character: what goes through comes out as the same bytes, whatever they are. */
class Lines implements LineDecoder {
  readonly #decode: (line: string) => string;
  #rest = '';

  constructor(decode: (line: string) => string) {
    this.#decode = decode;
  }

  push(chunk: Buffer): Buffer {
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > longestLineBytes) {
      lines.push(this.#rest);
      this.#rest = '';
    }
    return Buffer.from(lines.map(this.#decode).join(''), 'latin1');
  }

  end(): Buffer {
    const line = this.#rest;
    this.#rest = '';
    return Buffer.from(line === '' ? '' : this.#decode(line), 'latin1');
  }
}
