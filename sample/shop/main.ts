import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DurableModule } from 'nest-durable';
import { Ledger } from './ledger.js';
import { ShopModule } from './shop.module.js';

@Module({
  imports: [
    DurableModule.forRoot(), // an embedded PostgreSQL in ./.durable, or the server in DURABLE_DATABASE_URL
    ShopModule.register({
      ledger: new Ledger('ledger.log', { request: 200, answer: 200 }),
      courierComesIn: '10s',
    }),
  ],
})
class AppModule {}

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks(); // so that a deploy hands over what is running
await app.listen(process.env['PORT'] ?? 3000);
