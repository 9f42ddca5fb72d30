import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { Type } from 'class-transformer';
import { IsInt, IsString, Min, ValidateNested } from 'class-validator';
import { InvalidArgument } from '../../../lib/errors/option.error.js';
import { InvalidEvent } from '../../../lib/errors/wait.error.js';
import {
  type AnyEvent,
  checkPayload,
  defineEvent,
  eventName,
  isEventDefinition,
} from '../../../lib/intake/event-definition.js';
import type { StandardSchema } from '../../../lib/intake/standard-schema.js';
import { failureOf } from '../../support/outcome.js';

class Line {
  @IsString()
  sku!: string;

  @IsInt()
  @Min(1)
  count!: number;
}

class Order {
  @IsString()
  customer!: string;

  @ValidateNested({ each: true })
  @Type(() => Line)
  lines!: Line[];
}

type Result = ReturnType<StandardSchema['~standard']['validate']>;

/** What a library of schemas makes, in small. */
function schemaOf(validate: (value: unknown) => unknown): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate: (value) => validate(value) as Result } };
}

/** Takes a text of digits, and makes a number of it. */
const digits = schemaOf((value) =>
  typeof value === 'string' && /^\d+$/.test(value)
    ? { value: Number(value) }
    : { issues: [{ message: 'must be digits' }] },
);

function issuesOf(...issues: readonly object[]): StandardSchema {
  return schemaOf(() => ({ issues }));
}

async function refusalOf(event: AnyEvent, payload: unknown): Promise<InvalidEvent> {
  return await failureOf(
    new Promise((resolve) => {
      resolve(checkPayload(event, payload));
    }),
    InvalidEvent,
  );
}

describe('An event', () => {
  it('has a name, and never changes', () => {
    const event = defineEvent('payment.success', digits);
    expect(event.name).toBe('payment.success');
    expect(() => Object.assign(event, { name: 'other' })).toThrow(TypeError);
    expect(() => Object.assign(event, { more: 1 })).toThrow(TypeError);
  });

  it('is known as one', () => {
    expect(isEventDefinition(defineEvent('paid'))).toBe(true);
    for (const other of ['paid', undefined, null, {}, { name: 'paid' }])
      expect(isEventDefinition(other)).toBe(false);
  });

  it.each([
    ['a text', 'payment.success'],
    ['its definition', defineEvent('payment.success')],
  ])('has its name by %s', (_, event) => {
    expect(eventName(event, 'sendEvent()')).toBe('payment.success');
  });

  it.each(['', ' paid', 'a\nb', 'a\0b', '\ud800', 'x'.repeat(201), undefined, null, 7, {}, { name: 'paid' }])(
    'cannot be named %p',
    (name) => {
      for (const [fn, call] of [
        ['sendEvent()', () => eventName(name as string, 'sendEvent()')],
        ['defineEvent()', () => defineEvent(name as string)],
      ] as const) {
        expect(call).toThrow(InvalidArgument);
        expect(call).toThrow(
          `${fn} was called with an argument that it cannot use: the name of an event is a text of`,
        );
      }
    },
  );

  it.each<[string, unknown]>([
    ['null', null],
    ['an object', { total: 'number' }],
    ['an arrow function', () => true],
    ['a text', 'Order'],
    ['half a schema', { '~standard': { version: 1, vendor: 'test' } }],
  ])('cannot have %s for a schema', (_, schema) => {
    expect(() => defineEvent('paid', schema as StandardSchema)).toThrow(
      /the schema of 'paid' is a class, or an object with the Standard Schema, not/,
    );
  });
});

describe('A payload', () => {
  const payload = { any: 'thing' };

  it.each<[string, AnyEvent]>([
    ['a name alone', 'paid'],
    ['a definition without a schema', defineEvent('paid')],
  ])('of %s is not checked', (_, event) => {
    expect(checkPayload(event, payload)).toBe(payload);
    expect(checkPayload(event, undefined)).toBeUndefined();
  });

  describe('with a class', () => {
    const event = defineEvent('ordered', Order);
    const right = { customer: 'ann', lines: [{ sku: 'a', count: 1 }] };

    it('is the plain object that was sent, also where it was an instance', async () => {
      expect(await checkPayload(event, right)).toStrictEqual(right);
      expect(await checkPayload(event, Object.assign(new Order(), right))).toStrictEqual(right);
    });

    it('is refused with the messages of every field', async () => {
      const failure = await refusalOf(event, { customer: 7, lines: [{ sku: 'a', count: 0 }] });
      expect(failure.event).toBe('ordered');
      expect(failure.fields).toEqual([
        { path: 'customer', messages: ['customer must be a string'] },
        { path: 'lines.0.count', messages: ['count must not be less than 1'] },
      ]);
      expect(failure.message).toBe(
        'The payload of the event "ordered" is not valid: customer: customer must be a string; ' +
          'lines.0.count: count must not be less than 1. Nothing was sent: correct the payload and send it again.',
      );
    });

    it('is refused where class-validator knows nothing of the class', async () => {
      const { fields } = await refusalOf(defineEvent('ordered', class Bare {}), right);
      expect(fields).toEqual([
        { path: '$', messages: ['an unknown value was passed to the validate function'] },
      ]);
    });

    it.each([undefined, null, 'text', 7, [[]]])('is refused where it is no object: %p', async (other) => {
      const { fields } = await refusalOf(event, other);
      expect(fields).toEqual([{ path: '$', messages: ['the payload must be an object'] }]);
    });
  });

  describe('with a Standard Schema', () => {
    it('is what the schema made of it, at once', () => {
      expect(checkPayload(defineEvent('count', digits), '42')).toBe(42);
    });

    it('is what the schema made of it, when it has', async () => {
      const later = schemaOf(async (value) => ({ value: [value] }));
      const checked = checkPayload(defineEvent('count', later), 1);
      expect(checked).toBeInstanceOf(Promise);
      expect(await checked).toEqual([1]);
    });

    it('may be nothing', () => {
      const nothing = schemaOf((value) => ({ value, issues: undefined }));
      expect(checkPayload(defineEvent('ping', nothing), undefined)).toBeUndefined();
    });

    it('may have a schema that is a function, or a class', () => {
      const callable = Object.assign((value: unknown) => value, digits);
      class Digits {
        static readonly '~standard' = digits['~standard'];
      }
      expect(checkPayload(defineEvent('count', callable), '42')).toBe(42);
      expect(checkPayload(defineEvent('count', Digits), '42')).toBe(42);
    });

    it('may be checked by a schema that needs its `this`, with a promise of another realm', async () => {
      const standard = {
        version: 1,
        vendor: 'test',
        answer: { value: 5 },
        validate(): unknown {
          const promise = runInNewContext('Promise.resolve()') as Promise<void>;
          return promise.then(() => this.answer);
        },
      } as const;
      const schema = { '~standard': standard } as unknown as StandardSchema;
      expect(await checkPayload(defineEvent('count', schema), 1)).toBe(5);
    });

    it('is refused at once, with what the schema says', () => {
      expect(() => checkPayload(defineEvent('count', digits), 'x')).toThrow(InvalidEvent);
      expect(() => checkPayload(defineEvent('count', digits), 'x')).toThrow(
        'The payload of the event "count" is not valid: must be digits. Nothing was sent',
      );
    });

    it.each<[string, readonly object[], readonly object[]]>([
      [
        'keys and segments',
        [{ message: 'is odd', path: ['items', 0, { key: 'price' }] }],
        [{ path: 'items.0.price', messages: ['is odd'] }],
      ],
      [
        'the same path',
        [
          { message: 'is odd', path: ['a'] },
          { message: 'is small', path: ['b'] },
          { message: 'is low', path: ['a'] },
        ],
        [
          { path: 'a', messages: ['is odd', 'is low'] },
          { path: 'b', messages: ['is small'] },
        ],
      ],
      ['an empty path', [{ message: 'is odd', path: [] }], [{ path: '$', messages: ['is odd'] }]],
      [
        'a symbol',
        [{ message: 'is odd', path: [Symbol('x')] }],
        [{ path: 'Symbol(x)', messages: ['is odd'] }],
      ],
      ['no issue', [], [{ path: '$', messages: ['is not valid'] }]],
    ])('is refused with the paths of its issues: %s', async (_, issues, fields) => {
      expect((await refusalOf(defineEvent('paid', issuesOf(...issues)), {})).fields).toEqual(fields);
    });

    it('lets out what a schema throws, which is no fault of the payload', async () => {
      const broken = schemaOf(() => {
        throw new RangeError('broken');
      });
      expect(() => checkPayload(defineEvent('paid', broken), {})).toThrow(RangeError);
      const later = schemaOf(async () => {
        throw new RangeError('broken');
      });
      await expect(checkPayload(defineEvent('paid', later), {})).rejects.toThrow(RangeError);
    });
  });
});
