/** The types that Kubernetes spells in JSON by rules of their own (apimachinery's MarshalJSON methods). */
import { readFields } from '../protobuf.ts';
import type { Json } from './decode-message.ts';

interface Plain {
  readonly numbers: ReadonlyMap<number, bigint>;
  readonly bytes: ReadonlyMap<number, Uint8Array>;
}

function plain(message: Uint8Array): Plain {
  const numbers = new Map<number, bigint>();
  const bytes = new Map<number, Uint8Array>();
  for (const field of readFields(message)) {
    numbers.set(field.number, field.value);
    bytes.set(field.number, field.bytes);
  }
  return { numbers, bytes };
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('utf8');

/** By the message's name in the table. @throws {NotProtobuf} */
export const wellKnown: Readonly<Record<string, ((message: Uint8Array) => Json) | undefined>> = {
  '~apis.meta.v1.Time': (message) => time(plain(message), 0),
  '~apis.meta.v1.MicroTime': (message) => time(plain(message), 6),
  '~apis.meta.v1.Duration': (message) => duration(BigInt.asIntN(64, plain(message).numbers.get(1) ?? 0n)),
  '~api.resource.Quantity': (message) => text(plain(message).bytes.get(1)) || '0',
  '~util.intstr.IntOrString': (message) => {
    const { numbers, bytes } = plain(message);
    return numbers.get(1) === 1n ? text(bytes.get(3)) : Number(BigInt.asIntN(32, numbers.get(2) ?? 0n));
  },
  '~apis.meta.v1.FieldsV1': (message) => embedded(plain(message).bytes.get(1)),
  '~runtime.RawExtension': (message) => embedded(plain(message).bytes.get(1)),
};

/** Go's zero time is written as an empty message, and is null in JSON. */
function time({ numbers }: Plain, digits: 0 | 6): Json {
  const seconds = BigInt.asIntN(64, numbers.get(1) ?? 0n);
  if (numbers.size === 0) return null;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `${seconds} s after 1970`;
  const whole = date.toISOString().slice(0, -5);
  if (digits === 0) return `${whole}Z`;
  const micros = Number(BigInt.asIntN(32, numbers.get(2) ?? 0n)) / 1000;
  return `${whole}.${String(Math.floor(Math.abs(micros))).padStart(6, '0')}Z`;
}

/** As Go's time.Duration prints itself: `1h0m0s`, `1m30s`, `1.5s`, `100ms`. */
function duration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`;
  const hours = size / 3_600_000_000_000n;
  const minutes = (size / 60_000_000_000n) % 60n;
  const seconds = decimal(size % 60_000_000_000n, 1_000_000_000n);
  return `${sign}${hours > 0n ? `${hours}h` : ''}${hours > 0n || minutes > 0n ? `${minutes}m` : ''}${seconds}s`;
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return `${value / unit}${fraction === '' ? '' : `.${fraction}`}`;
}

/** JSON inside protobuf; what is no JSON is shown in base64. */
function embedded(bytes: Uint8Array | undefined): Json {
  if (bytes === undefined || bytes.length === 0) return null;
  try {
    return JSON.parse(text(bytes)) as Json;
  } catch {
    return `base64:${Buffer.from(bytes).toString('base64')}`;
  }
}
