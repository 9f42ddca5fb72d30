import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execution, Parallel, Pipeline, Step, waitForApproval, Workflow } from 'nest-durable';
import pg from 'pg';
import { serializeError } from '../../../../lib/serialization/serialized-error.js';
import { onDatabase } from '../../../support/api-database.js';
import type { DurableApp } from '../../../support/durable-app.js';
import { Gate } from '../../../support/gate.js';
import { recordedOf } from '../../../support/recorded.js';
import { HASTY } from '../../../support/restart.js';
import { listening } from './coded.js';

let gate = new Gate();

@Workflow()
class Blocks extends Pipeline<object, { out?: object }> {
  @Parallel(['inner', 'works'], { onError: 'continue' })
  outer(_data: object, out: object) {
    return { out };
  }

  @Parallel(['fails', 'asks'], { in: 'outer' })
  inner() {}

  @Step({ in: 'inner' })
  async fails() {
    await gate.pass(execution().signal);
  }
  @Step({ in: 'inner' })
  async asks() {
    await waitForApproval('boss');
  }
  @Step({ in: 'outer' })
  async works() {
    await gate.pass(execution().signal);
  }
}

onDatabase('PostgreSQL', (database) => {
  let app: DurableApp;
  beforeAll(async () => {
    app = await database.start([Blocks]);
  });
  afterAll(() => database.closeApps());

  /** What a process leaves that dies between recording a failure and anything that follows from it. */
  async function recordFailure(executionId: string, path: string, error: Error): Promise<void> {
    if (!('url' in database.options)) throw new Error('This writes to a server.');
    const connection = new pg.Client({ connectionString: database.options.url });
    await connection.connect();
    try {
      await connection.query(
        `INSERT INTO durable.step_executions (execution_id, seq, path, kind, outcome, ended_at, error, worker)
         SELECT $1, max(seq) + 1, $2, 'step', 'failed', now(), $3, max(worker)
         FROM durable.step_executions WHERE execution_id = $1`,
        [executionId, path, serializeError(error)],
      );
    } finally {
      await connection.end();
    }
  }

  it('A question of a body that never begins again, as its block has failed, is withdrawn', async () => {
    const handle = await app.client.start(Blocks, {});
    await gate.reached(2);
    await listening(app.client, handle.id);
    await app.close();
    await recordFailure(handle.id, 'outer/inner/fails', new Error('Recorded, and then the lights went out.'));
    gate = new Gate();
    app = await database.start([Blocks], HASTY);

    await gate.reached();
    await listening(app.client, handle.id, 0);
    expect(await recordedOf(app.client, handle.id)).toContain('outer/inner/asks/boss withdrawn');
    gate.open();
    expect(await (await app.client.handle(Blocks, { id: handle.id })).result()).toMatchObject({
      out: {
        inner: { status: 'rejected', reason: { message: 'Recorded, and then the lights went out.' } },
        works: { status: 'fulfilled' },
      },
    });
  });
});
