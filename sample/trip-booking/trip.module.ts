import { Module } from '@nestjs/common';
import { Airline, CarRental, Hotels } from './booking-offices.js';
import { TravelBook } from './travel-book.js';
import { TripAsCodeWorkflow } from './trip-as-code.workflow.js';
import { TripWorkflow } from './trip.workflow.js';

@Module({
  providers: [TripWorkflow, TripAsCodeWorkflow, CarRental, Hotels, Airline, TravelBook],
  exports: [TravelBook],
})
export class TripModule {}
