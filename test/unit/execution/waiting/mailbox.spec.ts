import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Letter } from '../../../../lib/execution/waiting/letter.js';
import { MailReader, type Reading } from '../../../../lib/execution/waiting/mail-reader.js';
import { Mailbox, type ReceivingExecution } from '../../../../lib/execution/waiting/mailbox.js';
import type { ExpectantWait, WaitPlace } from '../../../../lib/execution/waiting/recipient.js';
import type { Taken, WaitKind } from '../../../../lib/execution/waiting/wait-terms.js';
import type { Query } from '../../../../lib/storage/queries/query.js';
import { DatabaseClock } from '../../../../lib/time/database-clock.js';
import { Deferred } from '../../../support/gate.js';
import { drained, HeldClock } from '../../../support/held-clock.js';
import { keepLogs, logs } from '../../../support/log-book.js';

const ID = '018f0000-0000-7000-8000-000000000001';

/** Enough for reads and ends that follow each other. */
const settled = (): Promise<void> => drained(40);

interface Sent extends Partial<Letter> {
  readonly id: string;
}

/** The database as the mailbox sees it. */
class Office {
  readonly letters: Sent[] = [];
  readonly heard: { readonly seq: number; readonly at: number }[] = [];
  signals = 0;
  lives = true;
  reads = 0;
  lettersRead = 0;
  failures = 0;
  /** Holds up what is read next, after its snapshot. */
  hold: Deferred | undefined;

  readonly query: Query = async <Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> => {
    if (sql.includes('.broadcasts')) {
      return this.heard.map(({ seq, at }) => ({ executionId: ID, seq, payload: '1', at })) as Row[];
    }
    this.reads += 1;
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('no connection');
    }
    const [, [letters]] = parameters as [string[], boolean[]];
    const read = letters === true ? this.letters : [];
    this.lettersRead += read.length;
    const rows = this.lives ? this.#rows(read) : [];
    const { hold } = this;
    this.hold = undefined;
    await hold?.promise;
    return rows as Row[];
  };

  #rows(letters: readonly Sent[]): object[] {
    const { signals } = this;
    const queue = { executionId: ID, signals, cancelRequested: false, compensate: false, cancelReason: null };
    if (letters.length === 0) return [{ ...queue, letterId: null }];
    return letters.map(({ id, ...letter }) => ({
      ...queue,
      letterId: id,
      type: 'event',
      name: 'a',
      payload: '1',
      waitSeq: null,
      at: 0,
      ...letter,
    }));
  }
}

class Execution implements ReceivingExecution {
  readonly id = ID;
  readonly clock = new HeldClock(1_000);
  readonly office = new Office();
  isOver = false;
  beginsThings = true;
  isDelivering = false;
  parkings = 0;
  readings: Reading[] = [];
  readonly ownership = { isHeld: true, signals: 0 };
  durable = async (): Promise<void> => undefined;
  readonly records = { durable: () => this.durable() };
  readonly services = {
    mail: new MailReader(this.office.query, '"durable"'),
    clock: this.clock,
    databaseClock: new DatabaseClock(this.clock),
  };

  heard(reading: Reading): void {
    this.readings.push(reading);
    this.ownership.signals = reading.signals;
  }

  considerParking(): void {
    this.parkings += 1;
  }

  /** As an execution does that is abandoned. */
  abandon(): void {
    this.isOver = true;
    this.beginsThings = false;
  }

  /** As who sends: the letter, and the signal with it. */
  send(letter: Sent): void {
    this.office.letters.push(letter);
    this.office.signals += 1;
  }
}

describe('A mailbox', () => {
  let execution: Execution;
  let mailbox: Mailbox;
  /** What became of waits, in order: `1 gets x`, `2 expires`. */
  let story: string[];

  class Wait implements ExpectantWait {
    readonly given = new Deferred();
    readonly isPlace = false;
    isAtOnce = true;
    expiries: boolean[] = [];
    wants = (letter: Letter): Taken | 'kept' | undefined =>
      letter.type === this.kind ? { takes: [letter.id], output: letter.id } : undefined;
    looks = 0;
    dueAt = Infinity;

    constructor(
      readonly seq: number,
      readonly kind: WaitKind = 'event',
    ) {}

    get isListening(): boolean {
      return this.kind !== 'sleep';
    }

    get delivered(): Promise<unknown> {
      return this.isAtOnce ? Promise.resolve() : this.given.promise;
    }

    offer(letter: Letter): Taken | 'kept' | undefined {
      if (letter.waitSeq !== null && letter.waitSeq !== this.seq) return undefined;
      return this.wants(letter);
    }

    lookAnew(): void {
      this.looks += 1;
    }

    arrive({ output }: Taken): void {
      story.push(`${this.seq} gets ${output}`);
      mailbox.remove(this);
    }

    async expire(): Promise<boolean> {
      const accepted = this.expiries.shift() ?? true;
      story.push(`${this.seq} ${accepted ? 'expires' : 'is declined'}`);
      if (accepted) mailbox.remove(this);
      return accepted;
    }
  }

  /** The place of a wait whose body has yet to come back to it. */
  function keepPlace(seq: number, offer: WaitPlace['offer']): WaitPlace {
    const place: WaitPlace = { isPlace: true, seq, offer };
    mailbox.keep(place);
    return place;
  }

  function open(seq: number, kind?: WaitKind): Wait {
    const wait = new Wait(seq, kind);
    mailbox.add(wait);
    return wait;
  }

  /** As its timer says it, perhaps late. */
  function timeIsUp(wait: Wait, dueAt: number): void {
    wait.dueAt = dueAt;
    mailbox.reconsider();
  }

  beforeEach(() => {
    keepLogs();
    logs.clear();
    story = [];
    execution = new Execution();
    mailbox = new Mailbox(execution);
  });

  it('gives a wait of which the time was up what was sent before, and not the word that it is cancelled', async () => {
    const wait = open(1);
    wait.wants = ({ id }) => ({ takes: [id], output: id });
    execution.send({ id: 'event', at: 1 });
    execution.send({ id: 'word', type: 'cancelled', waitSeq: 1, at: 2 });
    await mailbox.look();
    await settled();
    expect(story).toEqual(['1 gets event']);
  });

  it('ends a wait for its time where the word that it is cancelled came later', async () => {
    const wait = open(1);
    wait.wants = ({ id }) => ({ takes: [id], output: id });
    execution.send({ id: 'word', type: 'cancelled', waitSeq: 1, at: 900 });
    execution.ownership.signals = 0;
    wait.dueAt = 500;
    await mailbox.look();
    timeIsUp(wait, 500);
    await settled();
    expect(story).toEqual(['1 expires']);
  });

  it('waits no longer for what is never stored, once its execution is over', async () => {
    execution.durable = () => new Promise<void>(() => undefined);
    open(1, 'broadcast');
    const look = mailbox.look();
    await settled();
    mailbox.stop();
    await look;
    expect(story).toEqual([]);
  });

  it('is not read where nothing was signalled, and lets its execution park', async () => {
    open(1);
    await settled();
    expect(execution.office.reads).toBe(0);
    expect(mailbox.isListening).toBe(true);
    expect(mailbox.isBusy).toBe(false);
    expect(execution.parkings).toBeGreaterThan(0);
  });

  it('is read at once where there are signals that it does not know', async () => {
    execution.send({ id: 'x' });
    execution.ownership.signals = 1;
    open(1);
    expect(mailbox.isBusy).toBe(true);
    await settled();
    expect(story).toEqual(['1 gets x']);
    expect(mailbox.isBusy).toBe(false);
    expect(mailbox.isListening).toBe(false);
  });

  it('is not emptied where nothing waits for others: the signals are read, and the letters with the first wait', async () => {
    execution.send({ id: 'x' });
    open(1, 'sleep');
    await mailbox.look();
    await settled();
    expect(execution.readings).toEqual([expect.objectContaining({ signals: 1, letters: [] })]);
    expect(mailbox.isBusy).toBe(false);
    open(2);
    await settled();
    expect(story).toEqual(['2 gets x']);
  });

  it('lets a wait take the place that was held for it, and offers it what the place kept', async () => {
    keepPlace(2, () => 'kept');
    open(3);
    execution.send({ id: 'x' });
    execution.send({ id: 'y' });
    execution.ownership.signals = 2;
    await settled();
    expect(story).toEqual([]);
    open(2);
    await settled();
    expect(mailbox.keepsPlaceOf(2)).toBe(false);
    expect(story).toEqual(['2 gets x', '3 gets y']);
  });

  it('gives letters in their order, to the waits in the order in which they began, whatever order they are added in', async () => {
    for (const id of ['x', 'y', 'z']) execution.send({ id });
    execution.ownership.signals = 3;
    for (const seq of [7, 3, 5]) open(seq);
    await settled();
    expect(story).toEqual(['3 gets x', '5 gets y', '7 gets z']);
  });

  it('ends one wait, and the next one when the code has been given what ended the first', async () => {
    const [first, second] = [open(1), open(2)];
    first.isAtOnce = false;
    execution.send({ id: 'x' });
    execution.send({ id: 'y' });
    await mailbox.look();
    await settled();
    expect(story).toEqual(['1 gets x']);
    expect(mailbox.isBusy).toBe(true);
    // The code withdraws the second, as a race does.
    mailbox.remove(second);
    first.given.resolve();
    await settled();
    expect(story).toEqual(['1 gets x']);
    expect(mailbox.isBusy).toBe(false);
    open(3);
    await settled();
    expect(story).toEqual(['1 gets x', '3 gets y']);
  });

  it('ends nothing while results are on their way to the code, and goes on when they are there', async () => {
    open(1);
    execution.send({ id: 'x' });
    execution.isDelivering = true;
    await mailbox.look();
    await settled();
    expect(story).toEqual([]);
    execution.isDelivering = false;
    mailbox.consider();
    await settled();
    expect(story).toEqual(['1 gets x']);
    expect(mailbox.isListening).toBe(false);
  });

  it('works off what is there before it reads on, however much is sent meanwhile', async () => {
    for (let number = 1; number <= 50; number += 1) execution.send({ id: `${number}` });
    execution.ownership.signals = 50;
    for (let number = 1; number <= 100; number += 1) {
      open(number);
      await settled();
      execution.send({ id: `${50 + number}` });
      await mailbox.look();
    }
    expect(story).toEqual(Array.from({ length: 100 }, (_, n) => `${n + 1} gets ${n + 1}`));
    // (Nothing is marked as taken here: what was read first is read again with the next fifty.)
    expect(execution.office.lettersRead).toBe(50 + 100);
  });

  it('reads on where a broadcast may have come before what is there', async () => {
    execution.send({ id: 'x', at: 2 });
    execution.send({ id: 'y', at: 3 });
    execution.ownership.signals = 2;
    open(1);
    await settled();
    execution.office.heard.push({ seq: 3, at: 1 });
    open(2);
    open(3, 'broadcast');
    await settled();
    expect(story).toEqual(['1 gets x', '3 gets broadcast 3', '2 gets y']);
    expect(mailbox.isListening).toBe(false);
  });

  it('hears of a cancellation while it works off what is there', async () => {
    for (const id of ['x', 'y']) execution.send({ id });
    execution.ownership.signals = 2;
    const wait = open(1);
    wait.isAtOnce = false;
    await settled();
    open(2);
    execution.office.signals += 1;
    await mailbox.look();
    expect(execution.readings.at(-1)).toMatchObject({ signals: 3, letters: [] });
    wait.given.resolve();
    await settled();
    expect(story).toEqual(['1 gets x', '2 gets y']);
  });

  it('gives up no wait for its time while a place keeps something that came before that', async () => {
    const place = keepPlace(1, ({ id }) => (id === 'x' ? 'kept' : undefined));
    open(2);
    execution.send({ id: 'x', at: 400 });
    execution.send({ id: 'y', at: 900 });
    await mailbox.look();
    await settled();
    expect(story).toEqual(['2 gets y']);
    const third = open(3);
    third.dueAt = 500;
    timeIsUp(third, 500);
    await settled();
    expect(story).toEqual(['2 gets y']);
    mailbox.remove(place);
    mailbox.reconsider();
    await settled();
    expect(story).toEqual(['2 gets y', '3 gets x']);
  });

  it('gives up a wait for its time where a place keeps only what that would not take', async () => {
    keepPlace(1, () => 'kept');
    const second = open(2);
    second.wants = ({ id }) => (id === 'y' ? { takes: [id], output: id } : undefined);
    execution.send({ id: 'x', at: 400 });
    await mailbox.look();
    timeIsUp(second, 500);
    await settled();
    expect(story).toEqual(['2 expires']);
  });

  it('does not park its execution while a place is held, and gives what that kept to others when it goes', async () => {
    keepPlace(1, () => 'kept');
    open(2);
    execution.send({ id: 'x' });
    await mailbox.look();
    await settled();
    expect(mailbox.isBusy).toBe(true);
    mailbox.removePlaceOf(1);
    await settled();
    expect(mailbox.isBusy).toBe(false);
    expect(story).toEqual(['2 gets x']);
  });

  it('is not kept from a time that is up by what is sent all the time', async () => {
    const wait = open(1);
    wait.wants = () => undefined;
    execution.clock.advance(500);
    timeIsUp(wait, execution.clock.now() - 1);
    execution.office.hold = new Deferred();
    const { hold } = execution.office;
    await settled();
    // While that look is under way, more comes, and the owner hears of it.
    execution.send({ id: 'x' });
    execution.ownership.signals += 1;
    hold.resolve();
    await settled();
    expect(story).toEqual(['1 expires']);
    expect(execution.office.reads).toBe(1);
  });

  it('gives up a wait for its time where a place keeps only what came after that', async () => {
    keepPlace(1, () => 'kept');
    const second = open(2);
    execution.send({ id: 'x', at: 600 });
    await mailbox.look();
    timeIsUp(second, 500);
    await settled();
    expect(story).toEqual(['2 expires']);
  });

  it('asks for room where results are on their way all the time, and for no more when it has ended something', async () => {
    open(1);
    execution.send({ id: 'x' });
    execution.isDelivering = true;
    await mailbox.look();
    await settled();
    expect(mailbox.starvation.isOn).toBe(false);
    execution.clock.advance(100);
    expect(mailbox.starvation.isOn).toBe(true);
    execution.isDelivering = false;
    mailbox.consider();
    await settled();
    expect(story).toEqual(['1 gets x']);
    expect(mailbox.starvation.isOn).toBe(false);
  });

  it('offers a letter that a wait keeps to no later one, and begins anew with each look', async () => {
    const [all, single] = [open(1), open(2)];
    all.wants = () => 'kept';
    execution.send({ id: 'x' });
    await mailbox.look();
    await settled();
    expect(story).toEqual([]);
    const { looks } = all;
    expect(looks).toBeGreaterThan(0);
    mailbox.remove(all);
    execution.send({ id: 'y' });
    await mailbox.look();
    await settled();
    expect(story).toEqual(['2 gets x']);
    expect(single.looks).toBeGreaterThan(0);
  });

  it('never gives a letter twice, although it is not recorded as taken yet', async () => {
    execution.send({ id: 'x' });
    open(1);
    await mailbox.look();
    await settled();
    open(2);
    execution.office.signals += 1;
    await mailbox.look();
    await settled();
    expect(story).toEqual(['1 gets x']);
    // Neither does what the execution goes on with after it turned back.
    const before = mailbox;
    mailbox = new Mailbox(execution, before);
    before.stop();
    open(3);
    await mailbox.look();
    await settled();
    expect(story).toEqual(['1 gets x']);
    execution.office.letters.push({ id: 'y' });
    execution.office.signals += 1;
    await mailbox.look();
    await settled();
    expect(story).toEqual(['1 gets x', '3 gets y']);
  });

  describe('when the time of a wait is up', () => {
    it('looks once more at what was sent before that, and then gives it up', async () => {
      const wait = open(1);
      execution.clock.advance(500);
      timeIsUp(wait, execution.clock.now());
      await settled();
      // The look has to be later than the moment itself.
      expect(execution.office.reads).toBe(1);
      expect(story).toEqual(['1 expires']);
    });

    it.each([
      ['an event before it', 1_099, ['1 gets x']],
      ['an event at the same moment', 1_100, ['1 gets x']],
    ])('%s comes first', async (_, at, expected) => {
      const wait = open(1);
      execution.send({ id: 'x', at });
      execution.clock.advance(200);
      timeIsUp(wait, 1_100);
      await settled();
      expect(story).toEqual(expected);
    });

    it('takes what is due and what was sent in the order of time', async () => {
      const waits = [1, 2, 3, 4].map((seq) => open(seq));
      for (const wait of waits) {
        wait.wants = (letter) =>
          letter.name === `for ${wait.seq}` ? { takes: [letter.id], output: letter.id } : undefined;
      }
      execution.send({ id: 'x', name: 'for 2', at: 1_150 });
      execution.clock.advance(500);
      const [first, , third, fourth] = waits;
      if (first === undefined || third === undefined || fourth === undefined) throw new Error('No waits.');
      timeIsUp(third, 1_200);
      timeIsUp(first, 1_100);
      timeIsUp(fourth, 1_140);
      await settled();
      expect(story).toEqual(['1 expires', '4 expires', '2 gets x', '3 expires']);
    });

    it('knows so before a timer has told of it: also of one that time alone ends', async () => {
      const sleep = new Wait(1, 'sleep');
      sleep.dueAt = 1_100;
      execution.send({ id: 'x', at: 1_150 });
      execution.ownership.signals = 1;
      execution.clock.advance(500);
      mailbox.add(sleep);
      expect(mailbox.isListening).toBe(false);
      const wait = open(2);
      expect(mailbox.isListening).toBe(true);
      await settled();
      expect(story).toEqual(['1 expires', '2 gets x']);
      expect(wait.looks).toBeGreaterThan(0);
    });

    it('gives it the answer that is there, however late that is noticed', async () => {
      const [asked, other] = [open(1, 'input'), open(2, 'input')];
      for (const wait of [asked, other]) {
        wait.wants = ({ type, id }) => (type === 'answer' ? { takes: [id], output: id } : undefined);
      }
      execution.send({ id: 'to 2', type: 'answer', waitSeq: 2, at: 1_120 });
      execution.send({ id: 'to 1', type: 'answer', waitSeq: 1, at: 1_150 });
      execution.ownership.signals = 2;
      execution.clock.advance(500);
      timeIsUp(asked, 1_100);
      await settled();
      // It was answered: what its own clock says does not matter any more.
      expect(story).toEqual(['1 gets to 1', '2 gets to 2']);
    });

    it('forgets that of a wait which something has ended meanwhile', async () => {
      const wait = open(1);
      execution.clock.advance(500);
      timeIsUp(wait, 1_400);
      mailbox.remove(wait);
      await settled();
      expect(story).toEqual([]);
    });

    it('gives it the answer that was first', async () => {
      const wait = open(1, 'input');
      wait.wants = (letter) =>
        letter.type === 'answer' ? { takes: [letter.id], output: letter.id } : undefined;
      wait.expiries = [false];
      execution.clock.advance(500);
      const { office } = execution;
      office.hold = new Deferred();
      const held = office.hold;
      timeIsUp(wait, 1_400);
      await settled();
      // Sent after the snapshot of that look: its time is settled by whoever is first in the database.
      execution.send({ id: 'answer', type: 'answer', waitSeq: 1, at: 1_450 });
      held.resolve();
      await settled();
      expect(story).toEqual(['1 is declined', '1 gets answer']);
    });

    it('asks again after a while where it was declined and nobody has answered', async () => {
      const wait = open(1, 'input');
      wait.expiries = [false, false];
      execution.clock.advance(500);
      timeIsUp(wait, 1_400);
      await settled();
      expect(story).toEqual(['1 is declined']);
      execution.clock.advance(1_000);
      await settled();
      expect(story).toEqual(['1 is declined', '1 is declined']);
      execution.clock.advance(1_000);
      await settled();
      expect(story).toEqual(['1 is declined', '1 is declined', '1 expires']);
    });
  });

  describe('for broadcasts', () => {
    it('looks when the wait can be seen by those who broadcast, and not before', async () => {
      const stored = new Deferred();
      execution.durable = () => stored.promise;
      open(4, 'broadcast');
      await settled();
      expect(execution.office.reads).toBe(0);
      expect(mailbox.isBusy).toBe(true);
      execution.office.heard.push({ seq: 4, at: 900 });
      stored.resolve();
      await settled();
      expect(story).toEqual(['4 gets broadcast 4']);
    });

    it('looks once, and then waits to be told', async () => {
      open(4, 'broadcast');
      await settled();
      expect(execution.office.reads).toBe(1);
      expect(mailbox.isBusy).toBe(false);
      execution.office.heard.push({ seq: 4, at: 900 });
      execution.office.signals += 1;
      await mailbox.look();
      await settled();
      expect(story).toEqual(['4 gets broadcast 4']);
    });
  });

  describe('that is read', () => {
    it('again, where somebody has signalled while the read was under way', async () => {
      open(1);
      const { office } = execution;
      office.hold = new Deferred();
      const held = office.hold;
      const looks = [mailbox.look()];
      await settled();
      execution.send({ id: 'x' });
      looks.push(mailbox.look(), mailbox.look());
      expect(mailbox.isBusy).toBe(true);
      held.resolve();
      await Promise.all(looks);
      await settled();
      expect(office.reads).toBe(2);
      expect(story).toEqual(['1 gets x']);
    });

    it('in vain, is read again a second later, and its execution is told of a warning', async () => {
      open(1);
      execution.send({ id: 'x' });
      execution.office.failures = 2;
      const looked = mailbox.look();
      for (let round = 0; round < 2; round += 1) {
        await settled();
        expect(story).toEqual([]);
        expect(mailbox.isBusy).toBe(true);
        execution.clock.advance(1_000);
      }
      await looked;
      await settled();
      expect(story).toEqual(['1 gets x']);
      expect(logs.lines('warn')).toHaveLength(2);
      expect(logs.lines('warn')[0]).toContain(ID);
    });

    it('and whose execution does not live any more, gives it up', async () => {
      open(1);
      execution.send({ id: 'x' });
      execution.office.lives = false;
      await mailbox.look();
      execution.office.lives = true;
      mailbox.consider();
      await settled();
      expect(execution.isOver).toBe(true);
      expect(story).toEqual([]);
    });

    it('tells its execution what it has read, signals and all', async () => {
      open(1).wants = () => undefined;
      execution.send({ id: 'x' });
      await mailbox.look();
      expect(execution.readings).toMatchObject([
        { signals: 1, cancelRequested: false, letters: [{ id: 'x' }] },
      ]);
      await settled();
      expect(execution.parkings).toBeGreaterThan(0);
    });
  });

  it.each([
    ['is stopped', (): void => mailbox.stop()],
    ['belongs to an execution that is being ended', (): void => void (execution.beginsThings = false)],
    ['belongs to an execution that somebody else has', (): void => void (execution.ownership.isHeld = false)],
  ])('ends nothing when it %s', async (_, happen) => {
    execution.send({ id: 'x' });
    execution.ownership.signals = 1;
    open(1);
    happen();
    await settled();
    expect(story).toEqual([]);
  });

  describe('Something that was before a time', () => {
    it('may yet end a wait until what was sent has been read after it, and not while it is read once more', async () => {
      const TIME = 2_000;
      open(1);
      await settled();
      const asked: boolean[] = [];
      // The second one asks before that time, and its answer comes after it.
      for (const untilThen of [0, TIME, 0]) {
        const answer = new Deferred();
        execution.office.hold = answer;
        const looked = mailbox.look();
        execution.clock.advance(untilThen);
        asked.push(mailbox.mayEndBefore(TIME));
        answer.resolve();
        await looked;
      }
      expect(asked).toEqual([true, true, true]);
      execution.office.hold = new Deferred();
      void mailbox.look();
      expect(mailbox.mayEndBefore(TIME)).toBe(false);
    });

    it('is read once since that time, where it was not, although nobody has told of it', async () => {
      open(1);
      mailbox.lookSince(500);
      mailbox.lookSince(500);
      await settled();
      expect(execution.office.reads).toBe(1);
      mailbox.lookSince(1_000);
      await settled();
      expect(execution.office.reads).toBe(1);
      execution.send({ id: 'x', at: 900 });
      execution.clock.advance(1_000);
      mailbox.lookSince(1_001);
      await settled();
      expect(story).toEqual(['1 gets x']);
    });

    it('is a letter that is there, or a wait that is due, and nothing that came later', async () => {
      execution.isDelivering = true;
      open(1);
      execution.send({ id: 'x', at: 500 });
      await mailbox.look();
      expect(mailbox.mayEndBefore(500)).toBe(false);
      expect(mailbox.mayEndBefore(501)).toBe(true);
      timeIsUp(open(2, 'sleep'), 300);
      expect(mailbox.mayEndBefore(301)).toBe(true);
      expect(mailbox.mayEndBefore(300)).toBe(false);
    });

    it('may be kept by a place', async () => {
      keepPlace(1, () => 'kept');
      open(2);
      execution.send({ id: 'x', at: 500 });
      await mailbox.look();
      await settled();
      expect(mailbox.mayEndBefore(501)).toBe(true);
      mailbox.removePlaceOf(1);
      await settled();
      expect(story).toEqual(['2 gets x']);
      open(3);
      expect(mailbox.mayEndBefore(501)).toBe(false);
    });

    it('ends nothing where nobody can but time', () => {
      open(1, 'sleep');
      execution.ownership.signals = 3;
      expect(mailbox.mayEndBefore(Infinity)).toBe(false);
    });
  });

  it('goes on when the execution is its own again', async () => {
    execution.ownership.isHeld = false;
    execution.send({ id: 'x' });
    execution.ownership.signals = 1;
    open(1);
    await settled();
    expect(story).toEqual([]);
    execution.ownership.isHeld = true;
    mailbox.consider();
    await settled();
    expect(story).toEqual(['1 gets x']);
  });
});
