import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Board } from './demo/board.js';
import { actions, checks, count, type Evidence } from './demo/checks.js';
import type { Report } from './demo/messages.js';
import { Screen } from './demo/screen.js';
import { ShopRunner } from './demo/shop-runner.js';
import { type LedgerLine, parseLedger } from './ledger.js';
import type { Order, Receipt } from './order.js';

const ORDERS: readonly Order[] = [
  { id: 'A-1001', email: 'ada@example.com', items: [{ sku: 'lamp', quantity: 1, price: 4_900 }] },
  { id: 'B-1002', email: 'ben@example.com', items: [{ sku: 'desk', quantity: 1, price: 24_900 }] },
  { id: 'C-1003', email: 'cleo@example.com', items: [{ sku: 'mug', quantity: 6, price: 900 }] },
];
/** The shop is killed while it charges this one, and the courier fails it once. */
const VICTIM = 'B-1002';
const PATIENCE_MS = 45_000;

const began = Date.now();
const stamp = (): string => screen.paint('dim', `${((Date.now() - began) / 1_000).toFixed(1).padStart(5)}s`);
const screen = new Screen();
const board = new Board(screen, stamp);
const say = (text: string): void => screen.say(`${stamp()}  ${text}`);

const directory = await mkdtemp(join(tmpdir(), 'nest-durable-'));
const ledgerFile = join(directory, 'ledger.log');
const receipts = new Map<string, Receipt>();
const shops: ShopRunner[] = [];
process.once('SIGINT', () => void cleanUp().then(() => process.exit(130)));

try {
  screen.say(
    '',
    screen.paint('bold', '  A shop, three orders, one kill -9'),
    screen.paint('dim', `  workflow and services: sample/shop   database and ledger: ${directory}`),
    '',
  );

  // Each order is placed when the one before it is about to be paid, so that the kill meets three different steps.
  const first = await openShop();
  const before = await placeOrders(first, (order) => inLedger(order, 'asked'));
  const interrupted = await inLedger(VICTIM, 'done');
  await first.kill();
  board.draw({ isAlive: false });
  screen.keep();
  screen.say('');
  say(
    screen.paint(
      'red',
      `kill -9 ${first.pid}, while ${VICTIM} pays: the card is charged, the step has not returned.`,
    ),
  );
  say(`The bank's ledger knows of ${interrupted.reference}, the database does not. Nobody is running now.`);
  await pause(1_500);

  const second = await openShop();
  const after = await placeOrders(second, () => Promise.resolve());
  if (receipts.size < ORDERS.length) await second.next('finished', () => receipts.size === ORDERS.length);
  await second.next('progress');
  screen.keep();

  second.ask({ type: 'count' });
  const { executions } = await second.next('count');
  second.ask({ type: 'timeline', order: VICTIM, colour: screen.hasColours, width: screen.width });
  const { text: timeline } = await second.next('timeline');
  const exitCode = await second.close();
  const ledger = readLedger();

  screen.say('');
  say('All orders are done. What the ledger, written outside the database, says really happened:');
  screen.say('', ...ledgerTable(ledger), '');
  say(`The history of ${VICTIM}, as printTimeline() shows it:`);
  screen.say('', ...timeline.split('\n').map((line) => `  ${line}`), '');
  conclude({
    orders: ORDERS.map(({ id }) => id),
    before,
    after,
    executions,
    receipts,
    ledger,
    interrupted: interrupted.idempotencyKey,
    signal: first.signal,
    exitCode,
  });
} catch (error) {
  screen.keep();
  screen.say(
    '',
    screen.paint('red', `The demo failed: ${error instanceof Error ? error.message : String(error)}`),
  );
  process.exitCode = 1;
} finally {
  await cleanUp();
}

async function openShop(): Promise<ShopRunner> {
  const shop = new ShopRunner([join(directory, 'database'), ledgerFile, VICTIM], received);
  shops.push(shop);
  say(`The shop opens: process ${shop.pid}, with PostgreSQL inside.`);
  await shop.next('ready');
  return shop;
}

function received(report: Report): void {
  if (report.type === 'log') say(screen.paint('dim', `│ ${report.text}`));
  if (report.type === 'progress') board.show(report.orders);
  if (report.type === 'finished') receipts.set(report.order, report.receipt);
}

async function placeOrders(
  shop: ShopRunner,
  beforeTheNext: (order: string) => Promise<unknown>,
): Promise<Map<string, string>> {
  const executions = new Map<string, string>();
  for (const [index, order] of ORDERS.entries()) {
    shop.ask({ type: 'place', order });
    const { execution, isNew } = await shop.next('placed', (report) => report.order === order.id);
    executions.set(order.id, execution);
    say(`${order.id} placed: ${isNew ? 'stored as' : 'known by its key as'} execution ${execution}`);
    if (index < ORDERS.length - 1) await beforeTheNext(order.id);
  }
  return executions;
}

/** Waits for a line about the charge of an order. Once it is `done`, the bank knows what the shop does not know yet. */
async function inLedger(order: string, event: LedgerLine['event']): Promise<LedgerLine> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const line = readLedger().find(
      (each) => each.order === order && each.action === 'charge' && each.event === event,
    );
    if (line !== undefined) return line;
    await pause(10);
  }
  throw new Error(`No charge of ${order} was ${event} in time.`);
}

function readLedger(): LedgerLine[] {
  return existsSync(ledgerFile) ? parseLedger(readFileSync(ledgerFile, 'utf8')) : [];
}

/** For each order and action, how often it had its effect, and how often it was asked for. */
function ledgerTable(ledger: readonly LedgerLine[]): string[] {
  const rows = ORDERS.map(({ id }) => {
    const cells = actions.map((action) => {
      const lines = ledger.filter((line) => line.order === id && line.action === action);
      const [done, asked] = [count(lines, 'done'), count(lines, 'asked')];
      const text = asked === done ? `done ${done}×` : `done ${done}×, asked ${asked}×`;
      return screen.paint(asked === done ? 'green' : 'yellow', text.padEnd(19));
    });
    return `  ${id.padEnd(10)}${cells.join('')}`;
  });
  const head = ['order'.padEnd(10), ...actions.map((action) => action.padEnd(19))].join('');
  return [`  ${screen.paint('bold', head)}`, ...rows];
}

function conclude(evidence: Evidence): void {
  for (const { sentence, holds } of checks) {
    try {
      holds(evidence);
      screen.say(`  ${screen.paint('green', '✓')} ${sentence}`);
    } catch (error) {
      screen.say(`  ${screen.paint('red', '✗')} ${sentence}`, `    ${String(error)}`);
      process.exitCode = 1;
    }
  }
  screen.say('');
  if (process.exitCode === 1) screen.say(screen.paint('red', '  The demo failed: see above.'), '');
}

async function cleanUp(): Promise<void> {
  await Promise.all(shops.map((shop) => shop.kill()));
  await rm(directory, { recursive: true, force: true });
}
