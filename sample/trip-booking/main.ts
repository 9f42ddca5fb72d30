import { setTimeout as pause } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DurableClient, DurableModule, type ExecutionHandle, printTimeline } from 'nest-durable';
import { TravelBook } from './travel-book.js';
import { TripAsCodeWorkflow } from './trip-as-code.workflow.js';
import { TripModule } from './trip.module.js';
import type { Trip, TripData } from './trip.js';
import { TripWorkflow } from './trip.workflow.js';

@Module({ imports: [DurableModule.forRoot({ database: { embedded: ':memory:' } }), TripModule] })
class AppModule {}

const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
const client = app.get(DurableClient);
const book = app.get(TravelBook);

console.log('\nAda goes to Lisbon, and all goes well.\n');
await tell(await start({ traveller: 'Ada', to: 'Lisbon', nights: 4, thinkFor: '300ms' }));

console.log('\nBen wants to go to Atlantis: no flight, so the hotel and the car are taken back.\n');
await tell(await start({ traveller: 'Ben', to: 'Atlantis', nights: 2, thinkFor: '1d' }));

console.log(
  '\nCleo wants to go to El Dorado: no flight, and a hotel that takes nothing back. The car does.\n',
);
await tell(await start({ traveller: 'Cleo', to: 'El Dorado', nights: 9, thinkFor: '1d' }));

console.log('\nDan has a day to think about Rome, and cancels.\n');
const rome = await start({ traveller: 'Dan', to: 'Rome', nights: 3, thinkFor: '1d' });
while ((await rome.status()) !== 'waiting') await pause(50);
await rome.cancel('too warm', { compensate: true });
await tell(rome);

console.log('\nEve wants to go to Atlantis, too. Her trip is written as a run method.\n');
const eve: Trip = { traveller: 'Eve', to: 'Atlantis', nights: 2, thinkFor: '1d' };
await tell(await client.start(TripAsCodeWorkflow, eve, { key: eve.traveller }));

await app.close();

async function start(trip: Trip): Promise<ExecutionHandle<TripData>> {
  return await client.start(TripWorkflow, trip, { key: trip.traveller });
}

async function tell(handle: ExecutionHandle<TripData>): Promise<void> {
  const outcome = await handle.result().then(
    ({ car, hotel, flight }) => `${car}, ${hotel}, ${flight}`,
    (error: Error) => `throws ${error.name}${error.cause instanceof Error ? `: ${error.cause.message}` : ''}`,
  );
  const execution = await client.getExecution(handle.id, { steps: true });
  console.log(printTimeline(execution));
  console.log(`\n  result()  ${outcome}`);
  console.log(`  outside   ${book.of(execution.key ?? '').join(', ')}`);
  for (const { undo, step, status, attempts, error } of execution.compensationResults ?? []) {
    const trouble = error === undefined ? '' : ` after ${attempts} attempts: ${error.message}`;
    console.log(`  undo      ${step} by ${undo}: ${status}${trouble}`);
  }
}
