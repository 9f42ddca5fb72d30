import { createInterface } from 'node:readline';
import { DurableError } from '../../../../lib/errors/durable.error.js';
import { openDatabase } from '../../../../lib/storage/open-database.js';

// Opens an embedded database and holds it until its input ends. Each line of input is a statement to run.
const [directory = ''] = process.argv.slice(2);
try {
  const database = await openDatabase({ embedded: directory }, { lockWaitMs: 0 });
  const client = await database.connect('test');
  console.log('open');
  for await (const sql of createInterface(process.stdin)) {
    await client.query(sql);
    console.log('done');
  }
  await database.close();
} catch (error) {
  console.log(error instanceof DurableError ? error.code : String(error));
}
