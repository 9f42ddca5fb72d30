import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Branch,
  Decision,
  execution,
  ForEach,
  goto,
  Parallel,
  Pipeline,
  Step,
  type Values,
  While,
  Workflow,
} from 'nest-durable';
import { onDatabase } from '../../support/api-database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { recordedOf } from '../../support/recorded.js';
import { HASTY, restartAt } from '../../support/restart.js';

let ran: string[] = [];
let gate = new Gate();

interface Cell {
  name: string;
}

@Workflow()
class Table extends Pipeline<void, { rows?: { cells: Cell[] }[]; cells?: Cell[]; name?: string }> {
  @ForEach({ do: 'row', into: 'rows' })
  table() {
    return ['a', 'b'];
  }

  @Parallel(['cellsOf', 'other'], { in: 'table' })
  row(_data: object, { cellsOf }: Values<Table, 'cellsOf' | 'other'>, item: string, index: number) {
    ran.push(`row ${item} ${index}`);
    return { cells: cellsOf.cells ?? [] };
  }

  @ForEach({ do: 'cell', into: 'cells', in: 'row' })
  cellsOf(_data: object, item: string) {
    return [`${item}1`, `${item}2`];
  }

  @Step({ in: 'cellsOf' })
  cell(_data: object, item: string, index: number) {
    return { name: `${item} at ${index}` };
  }

  @Step({ in: 'row' })
  other(_data: object, item: string) {
    ran.push(`other ${item}`);
  }
}

/** A branch in a branch in a branch, with clauses that lie before and behind the one that is taken. */
@Workflow()
class Deep extends Pipeline<void, { trace?: string }> {
  @Branch({ no: 'aside', yes: ['a', 'second', 'z'], maybe: 'aside' })
  first() {
    return 'yes' as 'yes' | 'no' | 'maybe';
  }

  @Branch({ true: ['b', 'third', 'y'], false: 'beside' }, { in: 'first' })
  second() {
    return true;
  }

  @Branch({ 1: 'outside', 2: ['c', 'held', 'd'], default: 'outside' }, { in: 'second' })
  third() {
    return 2;
  }

  @Step({ in: 'first' })
  aside() {
    ran.push('aside');
  }

  @Step({ in: 'second' })
  beside() {
    ran.push('beside');
  }

  @Step({ in: 'third' })
  outside() {
    ran.push('outside');
  }

  @Step({ in: 'first' })
  a(data: { trace?: string }) {
    return traced(data);
  }

  @Step({ in: 'second' })
  b(data: { trace?: string }) {
    return traced(data);
  }

  @Step({ in: 'third' })
  c(data: { trace?: string }) {
    return traced(data);
  }

  @Step({ in: 'third' })
  async held() {
    await gate.pass(execution().signal);
  }

  @Step({ in: 'third' })
  d(data: { trace?: string }) {
    return traced(data);
  }

  @Step({ in: 'second' })
  y(data: { trace?: string }) {
    return traced(data);
  }

  @Step({ in: 'first' })
  z(data: { trace?: string }) {
    return traced(data);
  }

  @Step()
  end(data: { trace?: string }) {
    return traced(data);
  }
}

function traced({ trace = '' }: { trace?: string }): { trace: string } {
  const step = execution().step ?? '';
  ran.push(step);
  return { trace: trace + step };
}

/** All kinds of blocks, one in the other; some of it done, some of it under way when the process is lost. */
@Workflow()
class Everything extends Pipeline<
  void,
  { out?: { total?: number }[]; total?: number; left?: number; right?: number }
> {
  @ForEach({ do: ['sides', 'skip', 'never', 'sum'], into: 'out', concurrency: 2 })
  items() {
    return [1, 2, 3];
  }

  @Parallel(['left', 'kind'], { in: 'items' })
  sides() {}

  @While({ do: 'addLeft', max: 3, in: 'sides' })
  left({ left = 0 }: { left?: number }, item: number) {
    return left < item;
  }

  @Step({ in: 'left' })
  addLeft({ left = 0 }: { left?: number }, item: number) {
    ran.push(`left ${item}.${left}`);
    return { left: left + 1 };
  }

  @Branch({ 2: ['held', 'right'], default: 'right' }, { in: 'sides' })
  kind(_data: object, item: number) {
    return item;
  }

  @Step({ in: 'kind' })
  async held() {
    ran.push('held');
    await gate.pass(execution().signal);
  }

  @Step({ in: 'kind' })
  right(_data: object, item: number) {
    ran.push(`right ${item}`);
    return { right: item * 10 };
  }

  @Decision({ to: ['sum'], in: 'items' })
  skip() {
    return goto('sum');
  }

  @Step({ in: 'items' })
  never() {
    ran.push('never');
  }

  @Step({ in: 'items' })
  sum({ left = 0, right = 0 }: { left?: number; right?: number }) {
    return { total: left + right };
  }
}

const PROVIDERS = [Table, Deep, Everything];

onDatabase('PostgreSQL', (database) => {
  beforeEach(() => {
    ran = [];
    gate = new Gate();
  });
  afterEach(() => database.closeApps());

  describe('Blocks in blocks', () => {
    it('have the items of their own list, and otherwise those of the list around them', async () => {
      const { client } = await database.start(PROVIDERS);
      const { rows } = await (await client.start(Table)).result();
      const cells = (item: string) => [{ name: `${item}1 at 0` }, { name: `${item}2 at 1` }];
      expect(rows).toEqual([{ cells: cells('a') }, { cells: cells('b') }]);
      expect(ran.toSorted()).toEqual(['other a', 'other b', 'row a 0', 'row b 1']);
    });

    it('go on after a restart where they were, three clauses deep, and into no other clause', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Deep);
      const second = await restartAt(gate, first, database, PROVIDERS);
      expect(await (await second.client.handle(Deep, { id })).result()).toEqual({ trace: 'abcdyzend' });
      expect(ran).toEqual(['a', 'b', 'c', 'd', 'y', 'z', 'end']);
      expect(await recordedOf(second.client, id)).toEqual(
        [
          'first',
          'first/a',
          'first/second',
          'first/second/b',
          'first/second/third',
          'first/second/third/c',
          'first/second/third/held',
          'first/second/third/d',
          'first/second/y',
          'first/z',
          'end',
        ].map((path) => `${path} completed`),
      );
    });

    it('of all kinds run each part once, whether before or after a restart', async () => {
      const first = await database.start(PROVIDERS, HASTY);
      const { id } = await first.client.start(Everything);
      await gate.reached();
      await eventually(async () => {
        const recorded = await recordedOf(first.client, id);
        return ['items/2/sum', 'items/1/sides/left#3'].every((path) =>
          recorded.includes(`${path} completed`),
        );
      });
      const second = await restartAt(gate, first, database, PROVIDERS);
      const { out, ...rest } = await (await second.client.handle(Everything, { id })).result();
      expect(out?.map(({ total }) => total)).toEqual([11, 22, 33]);
      expect(rest).toEqual({});
      expect(ran.filter((what) => what === 'held')).toHaveLength(2);
      const others = ran.filter((what) => what !== 'held');
      expect(others.toSorted()).toEqual([
        'left 1.0',
        'left 2.0',
        'left 2.1',
        'left 3.0',
        'left 3.1',
        'left 3.2',
        'right 1',
        'right 2',
        'right 3',
      ]);
    });
  });
});
