import type { Workload } from '../workloads/workload.js';
import { workloads } from '../workloads/workloads.js';
import { growth, timesBetter } from './ratio.js';
import type { Summaries, Summary } from './summary.js';

interface Column {
  readonly title: string;
  cell(summary: Summary): string;
}

const COSTS = [
  { figure: 'commits', title: 'commits' },
  { figure: 'walBytes', title: 'WAL bytes' },
  { figure: 'nodeCpuMs', title: 'node ms' },
  { figure: 'postgresCpuMs', title: 'postgres ms' },
];

/** One table for each workload, engines in the order they played in. */
export function tableOf(summaries: Summaries): string {
  return [...summaries]
    .map(([name, engines]) => {
      const workload = workloads[name];
      const columns = columnsOf(workload, engines.get('ours'));
      const lines = [
        ['', ...columns.map(({ title }) => title)],
        ...[...engines].map(([engine, summary]) => [
          engine,
          ...columns.map((column) => column.cell(summary)),
        ]),
      ];
      const grown = growth(workload, engines);
      const note = grown === undefined ? '' : `\n  grown ÷ empty: ${grown.toFixed(3)}`;
      return `${workload.title}\n${aligned(lines)}${note}`;
    })
    .join('\n\n');
}

function columnsOf(workload: Workload, ours: Summary | undefined): Column[] {
  const { figure, unit } = workload.headline;
  const plain = ({ figure: name, title }: { figure: string; title: string }): Column => ({
    title,
    cell: ({ median }) => number(median[name]),
  });
  return [
    plain({ figure, title: unit }),
    { title: 'min–max', cell: ({ min, max }) => `${number(min[figure])}–${number(max[figure])}` },
    ...workload.besides.map(plain),
    {
      title: 'ours is',
      cell: (summary) => times(summary === ours ? undefined : timesBetter(workload, ours, summary)),
    },
    ...COSTS.map(({ figure: cost, title }) => plain({ figure: cost, title: `${title} a ${workload.item}` })),
  ];
}

function times(ratio: number | undefined): string {
  return ratio === undefined ? '' : `${number(ratio)}×`;
}

/** Three significant digits, whole numbers from a hundred on. */
function number(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => line.map((cell, column) => pad(cell, widths[column] ?? 0, column)).join('  '))
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n');
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
