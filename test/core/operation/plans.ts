/** Plans and journals for the tables of cases, each in a few words. */
import { parseJournal } from '../../../core/operation/journal.ts';
import type { JournalRecord } from '../../../core/operation/journal.ts';
import type { Phase, Plan } from '../../../core/operation/plan.ts';

/** `stage: n1`, `stop! : n1 n2` touches, `serve!!: n1` serves new data as well; a step's id is `stage.n1`. */
export function planOf(...lines: string[]): Plan {
  const phases = lines.map((line): Phase => {
    const [, name = '', marks = '', nodes = ''] = /^([a-z-]+)(!*): (.*)$/.exec(line) ?? [];
    return {
      name,
      what: name,
      steps: nodes.split(' ').map((node) => ({
        id: `${name}.${node}`,
        node,
        does: { kind: 'receive', file: 'snapshot.db', sizeBytes: 1, sha256: '0'.repeat(64) },
      })),
      ...(marks === '' ? {} : { touches: true }),
      ...(marks === '!!' ? { servesNewData: true } : {}),
    };
  });
  return {
    format: 1,
    id: 'r-7kq2m',
    kind: 'restore',
    title: 'restore demo.db',
    cluster: { name: 'demo' },
    createdAt: '2026-11-21T08:00:00.000Z',
    by: 'anna@laptop',
    nodes: [...new Set(phases.flatMap(({ steps }) => steps.map(({ node }) => node)))].sort(),
    phases,
  };
}

const failure = { reason: 'no-room', what: 'there is no room', exit: 1 } as const;

/** `stage begun, stage done, closed rolled-back`, each a second after the one before; those of node `n1` are about its own steps. */
export function journalOf(node: string, words: string): JournalRecord[] {
  if (words === '') return [];
  return words.split(', ').map((word, second): JournalRecord => {
    const [phase = '', event = ''] = word.split(' ');
    const at = new Date(Date.UTC(2026, 10, 21, 8, 0, second)).toISOString();
    const record =
      phase === 'closed'
        ? { event: phase, at, outcome: event, by: 'anna@laptop' }
        : { event, step: `${phase}.${node}`, at, tookMs: 10, failure };
    // What the event does not have falls away, and what makes no sense is an error of the table.
    return parseJournal(`${JSON.stringify(record)}\n`)[0] ?? missing(word);
  });
}

export function journalsOf(words: Readonly<Record<string, string>>): Map<string, JournalRecord[]> {
  return new Map(Object.entries(words).map(([node, line]) => [node, journalOf(node, line)]));
}

function missing(word: string): never {
  throw new Error(`no record: ${word}`);
}
