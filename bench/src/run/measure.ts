import pg from 'pg';
import { Bodies } from '../engines/bodies.js';
import { catalog } from '../engines/catalog.js';
import type { Measured, Workload } from '../workloads/workload.js';
import { workloads } from '../workloads/workloads.js';
import { commitsOf } from './commits.js';
import { Gauge } from './gauge.js';
import { Observer } from './observer.js';
import type { MeasureOrder, Outcome } from './order.js';

/** One run of one engine: a warm-up, then the measured part on new connections. */
export async function measure(order: MeasureOrder): Promise<Outcome> {
  const bodies = new Bodies();
  const engine = await catalog[order.engine].load(bodies);
  const workload = workloads[order.workload];
  const database = new URL(order.url).pathname.slice(1);
  const admin = new pg.Client({ connectionString: order.adminUrl });
  await admin.connect();
  const observer = await Observer.of(order.url, engine);
  const gauge = await Gauge.on(admin);
  const bench = { engine, url: order.url, bodies, gauge, observer };

  const rate = await workload.warmUp(bench, order.effort.warmUpSeconds);
  const items = order.items ?? sizeOf(workload, rate, order);
  await workload.prepare?.(bench, items);
  const ranBefore = bodies.ran;
  const commitsBefore = await commitsOf(admin, database);
  const measured = await workload.measure(bench, items, rate);
  const commits = (await commitsOf(admin, database)) - commitsBefore;

  checkAllRan(measured, bodies.ran - ranBefore);
  await observer.settled();
  await observer.leave();
  await admin.end();
  const figures = { ...measured.figures, ...perItem(measured, commits) };
  return { items, seconds: measured.costs.seconds, figures };
}

/** As many as the time allows, from the rate that the warm-up saw. */
function sizeOf(workload: Workload, rate: number, { engine, effort }: MeasureOrder): number {
  const atLeast = engine === 'ours' && workload.sustained ? effort.ourItemsAtLeast : 0;
  const wished = Math.max(rate * effort.seconds, workload.atLeast, atLeast);
  return Math.round(Math.min(wished, workload.atMost, effort.itemsAtMost));
}

function checkAllRan({ bodies }: Measured, ran: number): void {
  if (ran < bodies) throw new Error(`Only ${ran} of ${bodies} bodies ran: these figures would mean nothing.`);
}

function perItem({ costs, items }: Measured, commits: number): Record<string, number> {
  const server = costs.postgresCpuMs;
  return {
    commits: commits / items,
    walBytes: costs.walBytes / items,
    nodeCpuMs: costs.nodeCpuMs / items,
    ...(server === undefined ? {} : { postgresCpuMs: server / items }),
  };
}
