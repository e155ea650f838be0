import { z } from 'zod';
import { createAsyncApi } from '../asyncapi';
import { defineEvent } from '../event';
import { findBreakingEventChanges } from './asyncapi';

const words = () => z.string().meta({ examples: ['words'] });

const fields = {
  orderId: z.uuid(),
  reason: z.enum(['out-of-stock', 'declined']),
  quantity: z.int().min(1).max(99),
  note: words().optional(),
};

const documentOf = (
  shape: z.ZodRawShape,
  type = 'order.rejected.v1',
  source: 'order' | 'payment' = 'order',
) => {
  const definition = defineEvent({ type, source, description: 'It was rejected.', data: z.object(shape) });
  return createAsyncApi(new Map([[type, definition]]), []);
};
const original = documentOf(fields);
const { note: _note, ...withoutNote } = fields;
const { reason: _reason, ...withoutReason } = fields;

describe('a change of the events breaks readers when', () => {
  it.each([
    ['an event is gone', createAsyncApi(new Map(), []), /the event is gone/],
    [
      'an event has another name',
      documentOf(fields, 'order.refused.v1'),
      /order.rejected.v1: the event is gone/,
    ],
    [
      'a version is replaced by the next',
      documentOf(fields, 'order.rejected.v2'),
      /order.rejected.v1: the event is gone/,
    ],
    ['another service sends it', documentOf(fields, 'order.rejected.v1', 'payment'), /source/],
    [
      'a field is gone',
      documentOf(withoutReason),
      /consumers of before, \/data\/reason: is needed, but missing/,
    ],
    ['an optional field is gone', documentOf(withoutNote), /consumers of before, \/data\/note: is gone/],
    ['a field has another name', documentOf({ ...withoutReason, cause: fields.reason }), /reason/],
    ['a field may be missing', documentOf({ ...fields, reason: fields.reason.optional() }), /may be missing/],
    [
      'a field is new and required',
      documentOf({ ...fields, cause: words() }),
      /events of before, \/data\/cause: is needed/,
    ],
    [
      'a field that was optional is required',
      documentOf({ ...fields, note: words() }),
      /events of before, \/data\/note/,
    ],
    ['a field has another type', documentOf({ ...fields, quantity: words() }), /type string/],
    [
      'a field may be null',
      documentOf({ ...fields, reason: fields.reason.nullable() }),
      /reason: only \[.*\] is read/,
    ],
    [
      'a value is new',
      documentOf({ ...fields, reason: z.enum(['out-of-stock', 'declined', 'lost']) }),
      /"lost"/,
    ],
    ['a value is gone', documentOf({ ...fields, reason: z.enum(['out-of-stock']) }), /"declined"/],
    ['a number may be larger', documentOf({ ...fields, quantity: z.int().min(1).max(100) }), /maximum/],
    [
      'a number may no longer be as large',
      documentOf({ ...fields, quantity: z.int().min(1).max(9) }),
      /events of before.*maximum/,
    ],
  ])('%s', (_what, document, told) => {
    expect(findBreakingEventChanges(original, document)).toEqual(
      expect.arrayContaining([expect.stringMatching(told)]),
    );
  });

  it('it is sent elsewhere', () => {
    const document = structuredClone(original) as any;
    document.channels['order.rejected.v1'].address = 'orders';
    expect(findBreakingEventChanges(original, document)).toEqual([expect.stringMatching(/was sent to/)]);
  });
});

describe('a change of the events breaks nobody when', () => {
  it.each([
    ['nothing changes', documentOf(fields)],
    ['a field is new and optional', documentOf({ ...fields, hint: words().optional() })],
  ])('%s', (_what, document) => {
    expect(findBreakingEventChanges(original, document)).toEqual([]);
  });

  it('an event, or the next version of one, is new beside the others', () => {
    const both = structuredClone(original) as any;
    const next = documentOf(withoutReason, 'order.rejected.v2') as any;
    for (const part of ['channels', 'operations']) Object.assign(both[part], next[part]);
    Object.assign(both.components.messages, next.components.messages);
    expect(findBreakingEventChanges(original, both)).toEqual([]);
  });
});
