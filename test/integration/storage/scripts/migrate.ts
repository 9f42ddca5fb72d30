import { Migrator } from '../../../../lib/storage/migrator.js';
import { openDatabase } from '../../../../lib/storage/open-database.js';

// Connects, says so, and migrates when its input ends: several of these begin at the same moment.
const [url = '', schema = ''] = process.argv.slice(2);
const database = await openDatabase({ url }, { schema });
console.log('connected');
for await (const _ of process.stdin);
console.log(JSON.stringify(await new Migrator(database).run()));
await database.close();
