import { createInterface } from 'node:readline/promises';
import { exitCode, Failure } from '../../core/failure.ts';
import type { Terminal } from './terminal.ts';

/** What a command that destroys something is told on its command line, in place of an answer. */
export interface ConsentFlags {
  readonly yes?: boolean;
  readonly clusterName?: string;
}

/**
 * Destruction is asked for by name: a person types the cluster's, a script gives it with `--yes`.
 * @throws {Failure} exit code 5 where it is not given, or is another's; 2 where one flag stands without the other.
 */
export async function consent(
  { yes, clusterName }: ConsentFlags,
  {
    terminal,
    cluster,
    signal,
  }: { readonly terminal: Terminal; readonly cluster: string; readonly signal: AbortSignal },
): Promise<void> {
  if ((yes === true) !== (clusterName !== undefined))
    throw new Failure({
      reason: 'wrong-usage',
      what: '--yes and --cluster-name go together',
      next: `--yes --cluster-name ${cluster}`,
      exit: exitCode.usage,
    });
  const given = clusterName ?? (await typed(terminal, `Type the name of the cluster to go on: `, cluster, signal));
  if (given === cluster && given !== '') return;
  throw new Failure({
    reason: 'not-confirmed',
    what: given === '' ? 'not confirmed' : `the cluster is "${cluster}", not "${given}"`,
    next: 'nothing was touched',
    exit: exitCode.refused,
  });
}

async function typed(terminal: Terminal, question: string, cluster: string, signal: AbortSignal): Promise<string> {
  if (!terminal.canAsk)
    throw new Failure({
      reason: 'not-confirmed',
      what: 'there is nobody to ask whether to go on',
      next: `nothing was touched; in scripts: --yes --cluster-name ${cluster}`,
      exit: exitCode.refused,
    });
  const lines = createInterface({ input: terminal.input, terminal: false });
  const gone = new AbortController();
  lines.once('close', () => gone.abort());
  try {
    terminal.ask(question);
    return (await lines.question('', { signal: AbortSignal.any([signal, gone.signal]) })).trim();
  } catch (thrown) {
    // The cursor still stands behind the question.
    terminal.note('');
    signal.throwIfAborted();
    // The end of the input: nobody has answered.
    if (gone.signal.aborted) return '';
    throw thrown;
  } finally {
    lines.close();
  }
}
