import { PostgresServer } from '../../../support/postgres-server.js';

// Starts a server, says where it is, and waits to be killed.
const server = await new PostgresServer().start();
console.log(server.url());
process.stdin.resume();
