import { Branch } from '../../lib/decorators/branch.decorator.js';
import { Decision } from '../../lib/decorators/decision.decorator.js';
import { ForEach } from '../../lib/decorators/for-each.decorator.js';
import { Parallel } from '../../lib/decorators/parallel.decorator.js';
import { Step } from '../../lib/decorators/step.decorator.js';
import { While } from '../../lib/decorators/while.decorator.js';
import { Workflow } from '../../lib/decorators/workflow.decorator.js';
import type { Results, Values } from '../../lib/definition/block-types.js';
import { goto } from '../../lib/definition/goto.js';
import type { Additions, UncheckedAdditions } from '../../lib/definition/node-types.js';
import { Pipeline } from '../../lib/definition/pipeline.js';
import type { Settled } from '../../lib/definition/settled.js';
import { holds, type Same } from './expect.js';

enum Kind {
  Digital = 'digital',
  Physical = 'physical',
}

enum Tier {
  One = 1,
  Two,
}

interface Recipient {
  email: string;
}

interface Input {
  id: string;
}

interface Data extends Input {
  kind: 'digital' | 'physical' | 'service';
  maybe?: 'yes' | 'no';
  total: number;
  text: string;
  isVip: boolean;
  recipients: Recipient[];
  sent: { messageId: string }[];
  settled: Settled<{ messageId: string }>[];
  nothing: Settled<void>[];
  anything: unknown[];
  parts: { total: number; text: string }[];
  branched: { total?: number }[];
}

// ---- Branch

@Workflow()
export class Branches extends Pipeline<Input, Data> {
  @Branch({ digital: 'one', physical: ['one', 'two'], service: 'two' })
  eachHasAClause(data: Data) {
    return data.kind;
  }

  @Branch({ digital: 'one', default: ['two'] })
  theRestHasADefault(data: Pick<Data, 'kind'>) {
    return data.kind;
  }

  @Branch({ yes: 'one', default: 'two' })
  maybeNothing(data: Data) {
    return data.maybe;
  }

  @Branch({ yes: 'one', default: 'two' })
  maybeNull(data: Data): 'yes' | 'no' | null {
    return data.maybe ?? null;
  }

  @Branch({ true: 'one', false: 'two' })
  async isVip(data: Data) {
    return data.isVip;
  }

  @Branch({ [Kind.Digital]: 'one', [Kind.Physical]: 'two' })
  textEnum(_data: Data): Kind {
    return Kind.Digital;
  }

  @Branch({ digital: 'one', physical: 'two' })
  valuesOfATextEnum(_data: Data): Kind {
    return Kind.Digital;
  }

  @Branch({ [Tier.One]: 'one', [Tier.Two]: 'two' })
  numberEnum(_data: Data): Tier {
    return Tier.One;
  }

  @Branch({ 1: 'one', 2: 'two' })
  numbers(data: Data) {
    return data.total > 1 ? 2 : 1;
  }

  @Branch({ high: 'one', low: 'two' })
  literals(data: Data) {
    if (data.total > 1) return 'high';
    return 'low';
  }

  // What no clause takes is an error at run time: nobody can list all texts.
  @Branch({ anything: 'one' })
  anyText(data: Data) {
    return data.text;
  }

  @Branch({ 7: 'one', default: 'two' })
  anyNumber(data: Data) {
    return data.total;
  }

  @Branch({ 'order-1': 'one' })
  anyPattern(_data: Data): `order-${number}` {
    return 'order-1';
  }

  @Branch({ yes: 'one' })
  nobodyKnows(data: Data) {
    return JSON.parse(data.text);
  }

  @Branch({ only: 'inner' })
  outer(_data: Input) {
    return 'only' as const;
  }

  @Branch({ only: 'one' }, { in: 'outer' })
  inner() {
    return 'only' as const;
  }

  @Step({ in: 'outer' })
  one() {}

  @Step({ in: 'outer' })
  two(data: Data) {
    return { total: data.total };
  }
}

export class BranchMisuses extends Pipeline<Input, Data> {
  // @ts-expect-error No clause for 'service': add one, or a default
  @Branch({ digital: 'one', physical: 'one' })
  lacksAClause(data: Data) {
    return data.kind;
  }

  // @ts-expect-error No clause for 'service': add one, or a default
  @Branch({ digital: 'one' })
  lacksTwo(data: Data) {
    return data.kind;
  }

  // @ts-expect-error No clause for 'false': add one, or a default
  @Branch({ true: 'one' })
  lacksAnAnswer(data: Data) {
    return data.isVip;
  }

  // @ts-expect-error No clause for 'physical': add one, or a default
  @Branch({ [Kind.Digital]: 'one' })
  lacksAValueOfAnEnum(_data: Data): Kind {
    return Kind.Digital;
  }

  // @ts-expect-error No clause for '2': add one, or a default
  @Branch({ 1: 'one' })
  async lacksANumber(data: Data) {
    return data.total > 1 ? 2 : 1;
  }

  // @ts-expect-error The method may return nothing: add a default
  @Branch({ yes: 'one', no: 'one' })
  mayReturnNothing(data: Data) {
    return data.maybe;
  }

  // @ts-expect-error 'refund' is an answer that the method never returns
  @Branch({ digital: 'one', refund: 'one', default: 'one' })
  hasADeadClause(data: Data) {
    return data.kind;
  }

  // @ts-expect-error 'maybe' is an answer that the method never returns
  @Branch({ true: 'one', false: 'one', maybe: 'one' })
  hasADeadAnswer(data: Data) {
    return data.isVip;
  }

  // @ts-expect-error 'seven' is an answer that the method never returns
  @Branch({ seven: 'one', default: 'one' })
  hasATextForANumber(data: Data) {
    return data.total;
  }

  // @ts-expect-error The method of a @Branch returns the key of a clause: a text, a number or a boolean
  @Branch({ default: 'one' })
  returnsAnObject(data: Data) {
    return { kind: data.kind };
  }

  // @ts-expect-error 'onee' is no public method of this class
  @Branch({ digital: ['one', 'onee'], default: 'one' })
  namesNoMethod(data: Data) {
    return data.kind;
  }

  // @ts-expect-error 'price' is no public method of this class
  @Branch({ default: 'price' })
  namesNoFunction(data: Data) {
    return data.kind;
  }

  // @ts-expect-error 'hidden' is no public method of this class
  @Branch({ default: 'hidden' })
  namesAPrivateMethod(data: Data) {
    return data.kind;
  }

  // @ts-expect-error 'nowhere' is no public method of this class
  @Branch({ default: 'one' }, { in: 'nowhere' })
  isInNoBlock(data: Data) {
    return data.kind;
  }

  // @ts-expect-error 'nowhere' is no public method of this class
  @Step({ in: 'nowhere' })
  isAStepInNoBlock() {}

  // @ts-expect-error The method of a block takes Data, the input, or a part of them
  @Branch({ default: 'one' })
  takesWhatDataIsNot(data: { bogus: string }) {
    return data.bogus;
  }

  // @ts-expect-error The method of this block takes one parameter, data
  @Branch({ default: 'one' })
  takesAnItemInTheMainLine(_data: Data, item: string) {
    return item;
  }

  // @ts-expect-error The method of this block takes data, and inside a @ForEach the item and its index
  @Branch({ default: 'one' }, { in: 'lacksAClause' })
  takesATextForTheIndex(_data: Data, item: string, _index: string) {
    return item;
  }

  // @ts-expect-error 'send' takes an item, and no @ForEach is around it
  @Branch({ default: 'send' })
  handsNoItemOn(data: Data) {
    return data.kind;
  }

  // @ts-expect-error 'send' takes another item than it is given here
  @Branch({ default: 'send' }, { in: 'lacksAClause' })
  handsAnotherItemOn(_data: Data, item: number) {
    return item;
  }

  // @ts-expect-error A step in a block takes data, and inside a @ForEach the item and its index
  @Step({ in: 'lacksAClause' })
  takesFour(_data: Data, _item: Recipient, _index: number, _more: string) {}

  // @ts-expect-error A block is a method of an instance, not a static one
  @Branch({ default: 'one' })
  static isStatic() {
    return 'one';
  }

  // @ts-expect-error A block has a name, not a symbol
  @Branch({ default: 'one' })
  [Symbol.iterator]() {
    return 'one';
  }

  // @ts-expect-error 'inn' does not exist in type
  @Branch({ default: 'one' }, { inn: 'lacksAClause' })
  hasAnUnknownOption() {
    return 'one';
  }

  // @ts-expect-error is not assignable to type
  @Branch({ default: 5 })
  hasANumberForAChild() {
    return 'one';
  }

  price = 5;

  @Step()
  one() {}

  @Step({ in: 'lacksAClause' })
  send(_data: Data, _recipient: Recipient) {}

  private hidden() {}

  reachable() {
    return this.hidden();
  }
}

export class NoPipeline {
  // @ts-expect-error Only a Pipeline has blocks
  @Branch({ default: 'one' })
  choose() {
    return 'one';
  }

  // @ts-expect-error Only a Pipeline has blocks for a step to be in
  @Step({ in: 'choose' })
  async one() {}
}

// ---- Parallel

@Workflow()
export class Parallels extends Pipeline<Input, Data> {
  @Parallel(['loadTotal', 'loadText'])
  merges() {}

  @Parallel(['loadTotal', 'loadText', 'looks', 'choose'])
  joins(data: Data, results: Values<Parallels, 'loadTotal' | 'loadText' | 'looks' | 'choose'>) {
    holds<Same<typeof results.loadTotal, { total: number }>>();
    holds<Same<typeof results.loadText, { text: string }>>();
    holds<Same<typeof results.looks, Additions<Data> | undefined>>();
    holds<Same<typeof results.choose, Additions<Data>>>();
    return { total: data.total + results.loadTotal.total + (results.choose.total ?? 0) };
  }

  @Parallel(['loadTotal', 'loadText'])
  joinsSome(_data: Input, { loadTotal }: { loadTotal: { total: number } }) {
    return { total: loadTotal.total };
  }

  @Parallel(['loadTotal', 'loadText'], { onError: 'continue' })
  continues(_data: Data, results: Results<Parallels, 'loadTotal' | 'loadText'>) {
    holds<Same<typeof results.loadTotal, Settled<{ total: number }>>>();
    if (results.loadTotal.status === 'rejected') return { text: results.loadTotal.reason.message };
    return { total: results.loadTotal.value.total };
  }

  @Parallel(['loadTotal'], { to: ['close', 'late'] })
  async leads(data: Data, results: Values<Parallels, 'loadTotal'>) {
    if (results.loadTotal.total > 1) return goto('close', { text: 'x' });
    return data.total > 1 ? goto('late') : { total: 1 };
  }

  @Parallel(['loadTotal'], { onError: 'fail', in: 'merges' })
  inABlock(_data: Data, _results: Values<Parallels, 'loadTotal'>, _item: Recipient, _index: number) {}

  @Branch({ default: 'inABranch' })
  choose(data: Data) {
    return data.kind;
  }

  @Parallel(['loadTotal', 'loadText'], { in: 'choose' })
  inABranch(_data: Data, results: { loadTotal: { total: number } }) {
    return { total: results.loadTotal.total };
  }

  @Step({ in: 'merges' })
  async loadTotal(data: Data) {
    return { total: data.total };
  }

  @Step({ in: 'merges' })
  loadText() {
    return { text: 'x' };
  }

  @Step({ in: 'merges' })
  looks() {}

  @Step()
  close() {}

  @Step()
  late() {}
}

export class ParallelMisuses extends Pipeline<Input, Data> {
  // @ts-expect-error 'loadTotl' is no public method of this class
  @Parallel(['loadTotl', 'loadText'])
  namesNoMethod() {}

  // @ts-expect-error 'nowhere' is no public method of this class
  @Parallel(['loadText'], { in: 'nowhere' })
  isInNoBlock() {}

  // @ts-expect-error 'clos' is no public method of this class
  @Parallel(['loadText'], { to: ['clos'] })
  leadsToNoMethod() {}

  // @ts-expect-error With onError 'fail' the join takes Values<…> of just these children
  @Parallel(['loadTotal', 'loadText'])
  takesResults(_data: Data, _results: Results<ParallelMisuses, 'loadTotal'>) {}

  // @ts-expect-error With onError 'fail' the join takes Values<…> of just these children
  @Parallel(['loadText'])
  takesMore(_data: Data, _results: Values<ParallelMisuses, 'loadText' | 'loadTotal'>) {}

  // @ts-expect-error With onError 'continue' the join takes Results<…> of just these children
  @Parallel(['loadTotal', 'loadText'], { onError: 'continue' })
  takesValues(_data: Data, _results: Values<ParallelMisuses, 'loadTotal'>) {}

  // @ts-expect-error With onError 'continue' the join has to take results: nothing is merged by itself
  @Parallel(['loadTotal', 'loadText'], { onError: 'continue' })
  doesNotLook() {}

  // @ts-expect-error With onError 'continue' the join has to take results: nothing is merged by itself
  @Parallel(['loadTotal', 'loadText'], { onError: 'continue' })
  looksAtDataOnly(_data: Data) {}

  // @ts-expect-error 'totl' is not a key of Data
  @Parallel(['loadTotal'])
  addsWhatDataLacks(_data: Data, results: Values<ParallelMisuses, 'loadTotal'>) {
    return { totl: results.loadTotal.total };
  }

  // @ts-expect-error A join returns additions to Data, or nothing: the type of a key differs
  @Parallel(['loadTotal'])
  addsAnotherType() {
    return { total: '1' };
  }

  // @ts-expect-error goto('late') is not in 'to'
  @Parallel(['loadTotal'], { to: ['close'] })
  leadsElsewhere() {
    return goto('late');
  }

  // @ts-expect-error goto('close') is not in 'to'
  @Parallel(['loadTotal'])
  leadsAnywhere() {
    return goto('close');
  }

  // @ts-expect-error The method of a block takes Data, the input, or a part of them
  @Parallel(['loadTotal'])
  takesWhatDataIsNot(_data: { bogus: string }) {}

  // @ts-expect-error A join takes data and results
  @Parallel(['loadTotal'])
  takesAnItem(_data: Data, _results: Values<ParallelMisuses, 'loadTotal'>, _item: string) {}

  // @ts-expect-error 'send' takes another item than it is given here
  @Parallel(['send'], { in: 'namesNoMethod' })
  handsAnotherItemOn(_data: Data, _results: Values<ParallelMisuses, 'send'>, _item: number) {}

  // @ts-expect-error 'send' takes an item, and no @ForEach is around it
  @Parallel(['send'])
  handsNoItemOn() {}

  // @ts-expect-error is not assignable to type 'OnError | undefined'
  @Parallel(['loadTotal'], { onError: 'ignore' })
  hasAnUnknownMode() {}

  @Step({ in: 'namesNoMethod' })
  async loadTotal(data: Data) {
    return { total: data.total };
  }

  @Step({ in: 'namesNoMethod' })
  loadText() {
    return { text: 'x' };
  }

  @Step({ in: 'namesNoMethod' })
  send(_data: Data, _recipient: Recipient) {}

  @Step()
  close() {}

  @Step()
  late() {}
}

// ---- ForEach

@Workflow()
export class ForEaches extends Pipeline<Input, Data> {
  @ForEach({ do: 'send', concurrency: 5, into: 'sent' })
  eachRecipient(data: Data) {
    return data.recipients;
  }

  @ForEach({ do: 'send', onError: 'continue', into: 'settled' })
  async settles(data: Data) {
    return data.recipients;
  }

  @ForEach({ do: 'looks', onError: 'continue', into: 'nothing' })
  settlesNothing(data: Data): readonly Recipient[] {
    return data.recipients;
  }

  @ForEach({ do: 'send', into: 'anything' })
  takesAnything(data: Data) {
    return data.recipients;
  }

  @ForEach({ do: ['count', 'describe', 'looks'], into: 'parts' })
  collectsParts(data: Data) {
    return data.recipients;
  }

  @ForEach({ do: 'choose', into: 'branched' })
  collectsBranches(data: Data) {
    return data.recipients;
  }

  @ForEach({ do: ['takesNothing', 'choose', 'joins', 'repeat', 'inner', 'decide', 'later'] })
  nests(data: Data) {
    return data.recipients;
  }

  @ForEach({ do: 'print' })
  nobodyKnows(data: Data) {
    return JSON.parse(data.text);
  }

  @ForEach({ do: 'parse', into: 'sent' })
  nobodyKnowsWhatComes(data: Data) {
    return data.recipients;
  }

  @Step({ in: 'nobodyKnowsWhatComes' })
  parse(_data: Data, { email }: Recipient) {
    return JSON.parse(email);
  }

  // What stays with an item may have keys of its own, or one of two.
  @Step({ in: 'nests' })
  addsToTheItem(_data: Data, { email }: Recipient) {
    return email === '' ? { total: 1 } : { isEmpty: false };
  }

  @Step({ in: 'eachRecipient' })
  async send(_data: Data, recipient: Recipient, index: number) {
    return { messageId: `${recipient.email} ${index}` };
  }

  @Step({ in: 'eachRecipient' })
  looks(_data: Data, _recipient: { email: string }) {}

  @Step({ in: 'eachRecipient' })
  count(_data: Data, _recipient: Recipient, index: number) {
    return { total: index };
  }

  @Step({ in: 'eachRecipient' })
  async describe(_data: Data, recipient: Recipient) {
    return { text: recipient.email };
  }

  @Step({ in: 'nests' })
  takesNothing() {}

  @Branch({ a: 'looks', default: 'takesNothing' }, { in: 'nests' })
  choose(_data: Data, recipient: Recipient, _index: number) {
    return recipient.email;
  }

  @Parallel(['count', 'describe'], { in: 'nests' })
  joins(_data: Data, _results: Values<ForEaches, 'count' | 'describe'>, _recipient: Recipient) {}

  @While({ do: 'count', max: 3, in: 'nests' })
  repeat(_data: Data, recipient: Recipient) {
    return recipient.email === '';
  }

  @ForEach({ do: 'print', in: 'nests' })
  inner(_data: Data, recipient: Recipient) {
    return [...recipient.email];
  }

  @Step({ in: 'inner' })
  print(_data: Data, _letter: string, _index: number) {}

  @Decision({ to: ['later'], in: 'nests' })
  decide(_data: Data, _recipient: Recipient, index: number) {
    return index > 1 ? goto('later') : undefined;
  }

  @Step({ in: 'nests' })
  later(_data: Input) {}
}

export class ForEachMisuses extends Pipeline<Input, Data> {
  // @ts-expect-error 'sendd' is no public method of this class
  @ForEach({ do: 'sendd' })
  namesNoMethod(data: Data) {
    return data.recipients;
  }

  // @ts-expect-error 'sendd' is no public method of this class
  @ForEach({ do: ['send', 'sendd'] })
  namesNoMethodInAList(data: Data) {
    return data.recipients;
  }

  // @ts-expect-error 'send' takes another item than it is given here
  @ForEach({ do: 'send' })
  hasOtherItems(data: Data) {
    return data.parts;
  }

  // @ts-expect-error 'joins' takes another item than it is given here
  @ForEach({ do: 'joins' })
  hasOtherItemsForAJoin(data: Data) {
    return data.parts;
  }

  // @ts-expect-error The method of a @ForEach returns its items, a list
  @ForEach({ do: 'send' })
  returnsNoList(data: Data) {
    return data.total;
  }

  // @ts-expect-error The method of a @ForEach returns its items, a list
  @ForEach({ do: 'send' })
  returnsASet(data: Data) {
    return new Set(data.recipients);
  }

  // @ts-expect-error 'snt' is not a key of Data
  @ForEach({ do: 'count', into: 'snt' })
  collectsIntoNoKey(data: Data) {
    return data.recipients;
  }

  // @ts-expect-error 'sent' of Data does not take a list of what comes of the items
  @ForEach({ do: 'count', into: 'sent' })
  collectsAnotherType(data: Data) {
    return data.recipients;
  }

  // @ts-expect-error 'parts' of Data does not take a list of what comes of the items
  @ForEach({ do: ['count'], into: 'parts' })
  collectsTooLittle(data: Data) {
    return data.recipients;
  }

  // @ts-expect-error 'total' of Data does not take a list of what comes of the items
  @ForEach({ do: 'count', into: 'total' })
  collectsIntoANumber(data: Data) {
    return data.recipients;
  }

  // @ts-expect-error 'parts' of Data does not take a list of what comes of the items
  @ForEach({ do: ['count', 'describe'], onError: 'continue', into: 'parts' })
  collectsSettledIntoValues(data: Data) {
    return data.recipients;
  }

  // @ts-expect-error 'settled' of Data does not take a list of what comes of the items
  @ForEach({ do: 'count', onError: 'fail', into: 'settled' })
  collectsValuesIntoSettled(data: Data) {
    return data.recipients;
  }

  // @ts-expect-error 'settled' of Data does not take a list of what comes of the items
  @ForEach({ do: 'count', onError: 'continue', into: 'settled' })
  collectsSettledOfAnotherType(data: Data) {
    return data.recipients;
  }

  // @ts-expect-error Property 'do' is missing
  @ForEach({ concurrency: 3 })
  doesNothing(data: Data) {
    return data.recipients;
  }

  // @ts-expect-error Did you mean to write 'concurrency'
  @ForEach({ do: 'count', concurency: 3 })
  hasAnUnknownOption(data: Data) {
    return data.recipients;
  }

  @Step({ in: 'namesNoMethod' })
  send(_data: Data, _recipient: Recipient) {}

  @Step({ in: 'namesNoMethod' })
  count(_data: Data, _recipient: Recipient, index: number) {
    return { total: index };
  }

  // @ts-expect-error A step returns additions to Data, or nothing: the type of a key differs
  @Step({ in: 'namesNoMethod' })
  addsAnotherType(_data: Data, recipient: Recipient) {
    return { total: recipient.email, more: 1 };
  }

  // @ts-expect-error A step returns additions to Data, a plain object, or nothing
  @Step({ in: 'namesNoMethod' })
  returnsAText(_data: Data, recipient: Recipient) {
    return recipient.email;
  }

  // @ts-expect-error 'more' is not a key of Data
  @Step({ in: 'namesNoMethod' })
  addsWhatDataLacks(data: Data) {
    return { more: data.total };
  }

  @Step({ in: 'namesNoMethod' })
  describe(_data: Data, recipient: Recipient) {
    return { text: recipient.email };
  }

  @Parallel(['count'], { in: 'namesNoMethod' })
  joins(_data: Data, _results: Values<ForEachMisuses, 'count'>, _recipient: Recipient) {}
}

// ---- While

@Workflow()
export class Whiles extends Pipeline<Input, Data> {
  @While({ do: 'look', max: 3 })
  untilVip(data: Data) {
    return !data.isVip;
  }

  @While({ do: ['look', 'rest'], max: 1_000 })
  async untilLater() {
    return false;
  }

  @Step({ in: 'untilVip' })
  look() {
    return { isVip: true };
  }

  @Step({ in: 'untilLater' })
  rest() {}
}

export class WhileMisuses extends Pipeline<Input, Data> {
  // @ts-expect-error The method of a @While returns a boolean: whether there is another round
  @While({ do: 'look', max: 3 })
  returnsANumber(data: Data) {
    return data.total;
  }

  // @ts-expect-error The method of a @While returns a boolean: whether there is another round
  @While({ do: 'look', max: 3 })
  async returnsNothing() {}

  // @ts-expect-error 'lok' is no public method of this class
  @While({ do: ['lok'], max: 3 })
  namesNoMethod() {
    return true;
  }

  // @ts-expect-error Property 'max' is missing
  @While({ do: 'look' })
  hasNoEnd() {
    return true;
  }

  // @ts-expect-error The method of a block takes Data, the input, or a part of them
  @While({ do: 'look', max: 3 })
  takesWhatDataIsNot(_data: { bogus: string }) {
    return true;
  }

  // @ts-expect-error 'send' takes an item, and no @ForEach is around it
  @While({ do: 'send', max: 3 })
  handsNoItemOn() {
    return true;
  }

  @Step({ in: 'returnsANumber' })
  look() {}

  @Step({ in: 'returnsANumber' })
  send(_data: Data, _recipient: Recipient) {}
}

// ---- Decision

@Workflow()
export class Decisions extends Pipeline<Input, Data> {
  @Decision({ to: ['ship', 'close'] })
  decides(data: Data) {
    if (data.total > 100) return goto('ship', { text: 'dear' });
    return data.total > 50 ? goto('close') : { text: 'cheap' };
  }

  @Decision({ to: ['close'] })
  async mayGoOn(data: Data) {
    return data.isVip ? goto('close') : undefined;
  }

  @Decision({ to: ['close'] })
  addsSometimes(data: Data) {
    return data.isVip ? goto('close', { total: 1 }) : goto('close');
  }

  @Decision({ to: ['close'] })
  onlyLooks() {}

  @Step()
  ship() {}

  @Step()
  close() {}
}

export class DecisionMisuses extends Pipeline<Input, Data> {
  // @ts-expect-error goto('close') is not in 'to'
  @Decision({ to: ['ship'] })
  leadsElsewhere(data: Data) {
    return data.isVip ? goto('close') : goto('ship');
  }

  // @ts-expect-error 'shp' is no public method of this class
  @Decision({ to: ['shp'] })
  leadsToNoMethod() {}

  // @ts-expect-error 'txt' is not a key of Data
  @Decision({ to: ['ship'] })
  addsWhatDataLacks(data: Data) {
    return data.isVip ? { txt: 'x' } : goto('ship');
  }

  // @ts-expect-error 'txt' is not a key of Data
  @Decision({ to: ['ship'] })
  addsWhatDataLacksOnTheWay() {
    return goto('ship', { txt: 'x' });
  }

  // @ts-expect-error A decision returns additions to Data, or nothing: the type of a key differs
  @Decision({ to: ['ship'] })
  async addsAnotherTypeOnTheWay() {
    return goto('ship', { total: '1' });
  }

  // @ts-expect-error A decision returns additions to Data, a plain object, or nothing
  @Decision({ to: ['ship'] })
  returnsAName() {
    return 'ship';
  }

  // @ts-expect-error The method of a block takes Data, the input, or a part of them
  @Decision({ to: ['ship'] })
  takesWhatDataIsNot(_data: { bogus: string }) {}

  // @ts-expect-error Property 'to' is missing
  @Decision({})
  leadsNowhere() {}

  // @ts-expect-error A step returns additions to Data, a plain object, or nothing
  @Step()
  isNoDecision() {
    return goto('ship');
  }

  @Step()
  ship() {}

  @Step()
  close() {}
}

// ---- Bases

export abstract class Bulk<BulkData extends { items: string[]; done: { total: number }[] }> extends Pipeline<
  { items: string[] },
  BulkData
> {
  @ForEach({ do: 'handle', into: 'done' })
  each(data: BulkData) {
    return data.items;
  }

  @Step({ in: 'each' })
  async handle(_data: BulkData, _item: string): Promise<UncheckedAdditions> {
    return { total: 1 };
  }

  @Branch({ many: 'audit', few: 'audit' })
  byCount(data: { items: string[] }) {
    return data.items.length > 10 ? 'many' : 'few';
  }

  @Step({ in: 'byCount' })
  audit(_data: BulkData) {}

  @Parallel(['load', 'look'])
  both(_data: BulkData, _results: object): UncheckedAdditions {
    return { done: [] };
  }

  @Step({ in: 'both' })
  load(): UncheckedAdditions {
    return {};
  }

  @Step({ in: 'both' })
  look(_data: BulkData) {}

  @While({ do: 'wait', max: 3 })
  poll(data: BulkData) {
    return data.items.length > 3;
  }

  @Step({ in: 'poll' })
  wait() {}

  @Decision({ to: ['close'] })
  decide(data: BulkData) {
    return data.items.length > 3 ? goto('close') : undefined;
  }

  @Step()
  close(_data: BulkData) {}
}

@Workflow()
export class BulkMail extends Bulk<{ items: string[]; done: { total: number }[]; sent: boolean }> {
  @Step()
  send(data: { done: { total: number }[] }) {
    return { sent: data.done.length > 0 };
  }
}
