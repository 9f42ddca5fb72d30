import { afterEach, expect, it } from '@jest/globals';
import { nextBusinessDay, now, Run, sleep, Workflow } from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';

@Workflow({ name: 'calendar_reader' })
class CalendarReader {
  @Run()
  async run(): Promise<{ at: Date; next: Date; later: Date }> {
    const at = now();
    const next = nextBusinessDay();
    await sleep('10ms');
    return { at, next, later: nextBusinessDay({ from: at, timezone: 'UTC' }) };
  }
}

onDatabase('PostgreSQL', (database) => {
  afterEach(() => database.closeApps());

  it('The calendar inside an execution goes by its own time and by the time zone of the module', async () => {
    const { client } = await database.start([CalendarReader], { timezone: 'Pacific/Auckland' });
    const handle = await client.start(CalendarReader);
    const { at, next, later } = await handle.result();
    expect(next).toEqual(nextBusinessDay({ from: at, timezone: 'Pacific/Auckland' }));
    expect(later).toEqual(nextBusinessDay({ from: at }));
    expect(next).not.toEqual(later);
  });
});
