import { PgBoss } from 'pg-boss';
import type { Bodies } from './bodies.js';
import type { Engine, OpenEngine } from './engine.js';
import { PAYLOAD, type Payload } from './payload.js';
import { WaitingRoom } from './waiting-room.js';

const QUEUE = 'one-step';
const POOL_SIZE = 20;
const BATCH = 1_000;
const FILL_BATCH = 5_000;

interface Ticketed extends Payload {
  readonly ticket: number;
}

/**
 * pg-boss with LISTEN/NOTIFY for promptness, two workers with batches of 1,000 that are fetched without a
 * pause while they come back full, and its shortest polling interval (half a second) behind that. A caller is told when the job has
 * run; the harness then waits until all of them are recorded.
 */
export class PgBossEngine implements Engine {
  readonly unfinished = `SELECT count(*) FROM pgboss.job WHERE name = '${QUEUE}' AND state <> 'completed'`;
  private readonly ran = new WaitingRoom<number>();
  private tickets = 0;

  constructor(private readonly bodies: Bodies) {}

  async open(url: string): Promise<OpenEngine> {
    const boss = await this.start(url);
    await boss.work<Ticketed, void>(
      QUEUE,
      {
        batchSize: BATCH,
        localConcurrency: 2,
        burstWhenBatchFull: true,
        pollingIntervalSeconds: 0.5,
        notifyPollingIntervalSeconds: 0.5,
      },
      async (jobs) => {
        await Promise.all(jobs.map(() => this.bodies.run()));
        for (const { data } of jobs) this.ran.call(data.ticket);
      },
    );
    return { run: () => this.run(boss), close: () => boss.stop({ graceful: true }) };
  }

  async fill(url: string, count: number): Promise<void> {
    const boss = await this.start(url);
    const job = { data: { ...PAYLOAD, ticket: 0 } };
    for (let left = count; left > 0; left -= FILL_BATCH) {
      await boss.insert(
        QUEUE,
        Array.from({ length: Math.min(left, FILL_BATCH) }, () => job),
      );
    }
    await boss.stop({ graceful: true });
  }

  private async start(url: string): Promise<PgBoss> {
    const boss = new PgBoss({
      connectionString: url,
      max: POOL_SIZE,
      useListenNotify: true,
      schedule: false,
    });
    boss.on('error', (error) => console.error(error));
    await boss.start();
    if ((await boss.getQueue(QUEUE)) === null) await boss.createQueue(QUEUE, { notify: true });
    return boss;
  }

  private async run(boss: PgBoss): Promise<void> {
    const ticket = (this.tickets += 1);
    const ran = this.ran.enter(ticket);
    await boss.send(QUEUE, { ...PAYLOAD, ticket });
    await ran;
  }
}
