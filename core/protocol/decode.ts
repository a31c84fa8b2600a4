import * as v from 'valibot';
import { Failure } from '../failure.ts';

/**
 * Decodes what came from outside, once, at the edge. Unknown fields are dropped, so that a newer peer may say more than we understand.
 * @throws {Failure} `protocol-mismatch` naming the field that is not as it should be.
 */
export function decode<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  from: { readonly what: string; readonly node?: string | undefined },
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Failure({
    reason: 'protocol-mismatch',
    what: `cannot understand ${from.what}`,
    node: from.node,
    why: `${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`,
    next: 'kubectl etcd version shows whether plugin and agents are of one version; kubectl etcd install brings the agents to the version of the plugin',
  });
}

/** The same for JSON text; text that is no JSON is a `protocol-mismatch` too. */
export function decodeJson<Schema extends v.GenericSchema>(
  schema: Schema,
  text: string,
  from: { readonly what: string; readonly node?: string | undefined },
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Failure({
      reason: 'protocol-mismatch',
      what: `cannot understand ${from.what}`,
      node: from.node,
      why: 'it is not JSON',
      cause,
    });
  }
  return decode(schema, value, from);
}
