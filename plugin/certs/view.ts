import type { Plan } from '../../core/operation/plan.ts';
import { formatValue } from '../report/output.ts';
import type { OutputFormat } from '../report/output.ts';
import { renderTable } from '../report/table.ts';
import type { Column } from '../report/table.ts';
import { oneLine } from '../report/text.ts';
import type { Paint } from '../report/text.ts';
import type { CertificateRow, CertificatesDocument } from './check.ts';

export interface CertificatesView {
  readonly format: OutputFormat;
  readonly widthColumns?: number | undefined;
  readonly paint?: Paint;
}

/** The answer first, then the table. */
export function renderCertificates(
  document: CertificatesDocument,
  { format, widthColumns, paint }: CertificatesView,
): string {
  if (format === 'json' || format === 'yaml') return formatValue(document, format);
  const { certificates, notReached } = document;
  const painted = paint === undefined ? {} : { paint };
  const table =
    format === 'wide'
      ? renderTable([...usual, ...wide], certificates, painted)
      : renderTable(usual, certificates, { ...painted, widthColumns });
  const lines = [
    headline(document),
    ...(certificates.length === 0 ? [] : ['', ...table]),
    ...(notReached.length === 0
      ? []
      : ['', ...notReached.map(({ node, why }) => oneLine(`${node} was not reached: ${why}`))]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function headline({ cluster, certificates, notReached }: CertificatesDocument): string {
  const wrong = certificates.filter(({ problems }) => problems.length > 0);
  const nodes = [
    ...new Set(
      wrong
        .filter(({ certificate }) => !certificate.endsWith('-ca') && certificate !== 'agent')
        .map(({ node }) => node),
    ),
  ];
  const name = oneLine(cluster.name);
  if (wrong.length === 0) {
    const least = Math.min(...certificates.flatMap(({ daysLeft }) => daysLeft ?? []));
    const soonest = Number.isFinite(least) ? `, the first expires in ${least} days` : '';
    return `${name}: ${certificates.length} certificates are as they should be${soonest}${notReached.length > 0 ? `; ${notReached.length} not reached` : ''}`;
  }
  const next = nodes.length === 0 ? '' : `: kubectl etcd certs renew${nodes.length === 1 ? ` ${nodes[0] ?? ''}` : ''}`;
  return `${name}: ${wrong.length} of ${certificates.length} certificates need attention${next}`;
}

const usual: readonly Column<CertificateRow>[] = [
  { header: 'NODE', cell: ({ node }) => node },
  { header: 'CERTIFICATE', cell: ({ certificate }) => certificate },
  { header: 'SUBJECT', cell: ({ subject }) => subject ?? '' },
  { header: 'NAMES', cell: ({ names }) => names.join(','), givesWay: true },
  { header: 'DAYS LEFT', cell: ({ daysLeft }) => (daysLeft === null ? '' : String(daysLeft)) },
  {
    header: 'PROBLEM',
    cell: ({ problems }) => ({
      text: oneLine(problems.map(({ text }) => text).join('; ')),
      style: problems.length > 0 ? 'red' : undefined,
    }),
  },
];

const wide: readonly Column<CertificateRow>[] = [
  { header: 'FILE', cell: ({ file }) => file ?? '' },
  { header: 'NOT AFTER', cell: ({ notAfter }) => notAfter ?? '' },
];

/** What a person reads before saying yes. */
export function renewLines(plan: Plan, before: CertificatesDocument): string {
  const rows = plan.phases.map(({ name, what, steps }, at) => ({
    phase: `${at + 1} ${name}`,
    on: [...new Set(steps.map(({ node }) => node))].join(' '),
    what,
  }));
  const table = renderTable(
    [
      { header: 'phase', cell: (row: (typeof rows)[number]) => row.phase },
      { header: 'on', cell: (row) => row.on },
      { header: 'what', cell: (row) => row.what },
    ],
    rows,
  );
  const files = plan.phases
    .flatMap(({ steps }) => steps)
    .flatMap(({ node, does }) =>
      does.kind === 'issue-certificates' ? does.pairs.map(({ certFile }) => ({ node, certFile })) : [],
    );
  const rolling = plan.phases.some(({ name }) => name === 'renew-1');
  return [
    `Renew ${files.length} certificates of etcd on ${plan.nodes.join(', ')} of ${plan.cluster.name}, each with a new key, for a year`,
    rolling && plan.nodes.length > 2
      ? '  one node after the other: etcd keeps its quorum, and each API server is away for some seconds'
      : '  etcd and API servers are away for some seconds; the new certificates are there before anything is stopped',
    '',
    ...files.map(({ node, certFile }) => {
      const row = before.certificates.find((each) => each.node === node && each.file === certFile);
      const days = row?.daysLeft ?? null;
      const left = row?.problems[0]?.text ?? (days === null ? '' : `${days} days left`);
      return `  ${node}  ${certFile}  ${left}`.trimEnd();
    }),
    '',
    ...table.map((line) => `  ${line}`),
    '',
    '  The old certificates and keys stay on the nodes until kubectl etcd kept delete.',
    ...(plan.aftermath ?? []).map(({ what, next }) => `  ${what}${next === undefined ? '' : `; ${next}`}`),
    '',
  ]
    .map((line) => `${line}\n`)
    .join('');
}
