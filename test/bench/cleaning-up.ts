import { messageOf } from '../../core/failure.ts';

/**
 * Does the work and cleans up after it, whatever came of it.
 * @throws what went wrong first: work that failed leaves what often cannot be cleaned up either, and that alone would tell nothing.
 */
export async function cleaningUp<Value>(work: () => Promise<Value>, clean: () => Promise<void>): Promise<Value> {
  let value: Value;
  try {
    value = await work();
  } catch (thrown) {
    try {
      await clean();
    } catch (left) {
      throw new Error(`${messageOf(thrown)}\nand something was left behind: ${messageOf(left)}`, { cause: thrown });
    }
    throw thrown;
  }
  await clean();
  return value;
}
