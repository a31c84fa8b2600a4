/** The figures of restores as tables: medians, and what the issue asks of them. */
import { judged, megabytes, seconds } from './results.ts';
import type { Table } from './results.ts';
import type { Milestones, ProductRound } from './restore-milestones.ts';
import { median } from './run-timed.ts';

export interface Compared {
  readonly databaseBytes: number;
  readonly product: readonly ProductRound[];
  readonly runbook: readonly Milestones[];
  /** Of the runbook's time until the first API server. */
  readonly atMost: number;
}

const mostBytes = 150e6;
const passed = [
  ['all stopped', 'stopped'],
  ['data in place', 'inPlace'],
  ['etcd healthy', 'etcd'],
  ['first API server', 'firstApiServer'],
  ['last API server', 'lastApiServer'],
] as const satisfies readonly (readonly [string, keyof Milestones])[];

export function restoreTables(compared: readonly Compared[], nodes: number): Table[] {
  return [againstRunbook(compared, nodes), phaseTable(compared), memoryTable(compared)];
}

function againstRunbook(compared: readonly Compared[], nodes: number): Table {
  return {
    title: `Restore (lab: ${nodes} nodes; since the first stop, in turns, medians)`,
    columns: ['database', 'who', 'rounds', ...passed.map(([name]) => name), 'first at worst'],
    rows: compared.flatMap(({ databaseBytes, product, runbook }) => [
      row(databaseBytes, 'kubectl etcd restore', milestonesOf(product)),
      row(databaseBytes, 'runbook on all nodes at once', runbook),
    ]),
    findings: compared.flatMap(({ databaseBytes, product, runbook, atMost }) => {
      const ratio = (of: keyof Milestones) => middle(milestonesOf(product), of) / middle(runbook, of);
      return [
        judged(`${megabytes(databaseBytes)}, first API server, against the runbook`, ratio('firstApiServer'), atMost),
        `${megabytes(databaseBytes)}, last API server, against the runbook: ${ratio('lastApiServer').toFixed(2)} x`,
      ];
    }),
  };
}

function row(databaseBytes: number, who: string, rounds: readonly Milestones[]): string[] {
  return [
    megabytes(databaseBytes),
    who,
    String(rounds.length),
    ...passed.map(([, of]) => seconds(middle(rounds, of))),
    seconds(Math.max(...rounds.map(({ firstApiServer }) => firstApiServer))),
  ];
}

/** What the product says of itself: with what happens before the first stop. */
function phaseTable(compared: readonly Compared[]): Table {
  const names = [...new Set(compared.flatMap(({ product }) => product.flatMap(({ phases }) => [...phases.keys()])))];
  const line = (name: string, of: (round: ProductRound) => number) => [
    name,
    ...compared.map(({ product }) => seconds(median(product.map(of)))),
  ];
  return {
    title: 'The phases of kubectl etcd restore, as it reports them (medians)',
    columns: ['phase', ...compared.map(({ databaseBytes }) => megabytes(databaseBytes))],
    rows: [
      ...names.map((name) => line(name, ({ phases }) => phases.get(name) ?? NaN)),
      line('API server down', ({ apiServerDown }) => apiServerDown),
      line('etcd down', ({ etcdDown }) => etcdDown),
    ],
    findings: [],
  };
}

function memoryTable(compared: readonly Compared[]): Table {
  const most = (rounds: readonly ProductRound[], of: 'preparingBytes' | 'agentBytes' | 'pluginBytes') =>
    Math.max(...rounds.map((round) => round[of]));
  const preparing = most(
    compared.flatMap(({ product }) => product),
    'preparingBytes',
  );
  return {
    title: "Peak memory of a restore (resident, the highest of all nodes and rounds, etcd's own tool aside)",
    columns: ['database', 'agent, while it prepares', 'agent, to the end', 'plugin'],
    rows: compared.map(({ databaseBytes, product }) => [
      megabytes(databaseBytes),
      megabytes(most(product, 'preparingBytes')),
      megabytes(most(product, 'agentBytes')),
      megabytes(most(product, 'pluginBytes')),
    ]),
    findings: [judged('an agent while it prepares', preparing / 1e6, mostBytes / 1e6, 'MB')],
  };
}

const milestonesOf = (rounds: readonly ProductRound[]) => rounds.map(({ milestones }) => milestones);
const middle = (rounds: readonly Milestones[], of: keyof Milestones) => median(rounds.map((round) => round[of]));
