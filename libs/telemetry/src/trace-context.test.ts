import fc from 'fast-check';
import { formatTraceparent, parseTraceparent } from './trace-context';
import { randomTraceIds, sampledByRatio } from './trace-ids';

const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
    .map((all) => all.join(''));
const id = (digits: number) => hex(digits).filter((value) => !/^0+$/.test(value));

describe('traceparent', () => {
  it('comes back as it was written, whatever the ids', () => {
    fc.assert(
      fc.property(id(32), id(16), fc.boolean(), (traceId, spanId, sampled) => {
        expect(parseTraceparent(formatTraceparent(traceId, spanId, sampled))).toEqual({
          traceId,
          spanId,
          sampled,
          tracestate: undefined,
        });
      }),
    );
  });

  it('reads only the sampled bit of the flags', () => {
    fc.assert(
      fc.property(id(32), id(16), fc.integer({ min: 0, max: 255 }), (traceId, spanId, flags) => {
        const header = `00-${traceId}-${spanId}-${flags.toString(16).padStart(2, '0')}`;
        expect(parseTraceparent(header)?.sampled).toBe(flags % 2 === 1);
      }),
    );
  });

  it('of a later version may go on after the flags, version 00 may not', () => {
    fc.assert(
      fc.property(id(32), id(16), fc.string({ maxLength: 40 }), (traceId, spanId, rest) => {
        fc.pre(!rest.includes('\n') && !rest.includes('\r') && !/[\u2028\u2029]/.test(rest));
        expect(parseTraceparent(`cc-${traceId}-${spanId}-01-${rest}`)?.traceId).toBe(traceId);
        expect(parseTraceparent(`00-${traceId}-${spanId}-01-${rest}`)).toBeUndefined();
      }),
    );
  });

  it('that is anything else is ignored, and nothing makes it throw', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => parseTraceparent(text) === undefined));
    const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    fc.assert(
      fc.property(
        fc.nat(valid.length - 1),
        fc.constantFrom('g', 'A', ' ', '_', '\u0000', 'é'),
        (at, wrong) => {
          expect(parseTraceparent(valid.slice(0, at) + wrong + valid.slice(at + 1))).toBeUndefined();
        },
      ),
    );
  });

  it.each([
    ['an all-zero trace id', '00-00000000000000000000000000000000-b7ad6b7169203331-01'],
    ['an all-zero span id', '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01'],
    ['version ff', 'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
    ['upper case', '00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01'],
    ['a short flag', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1'],
    ['space around it', ' 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 '],
    ['two headers in one', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01, 00-0af7'],
    ['no header', undefined],
  ])('with %s is ignored', (_what, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });
});

describe('tracestate', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const stateOf = (tracestate: string) => parseTraceparent(traceparent, tracestate)?.tracestate;

  it('is passed on when well formed', () => {
    expect(stateOf('rojo=00f067aa0ba902b7, tenant@congo=t61rcWkgMzE')).toBe(
      'rojo=00f067aa0ba902b7,tenant@congo=t61rcWkgMzE',
    );
  });

  it.each([
    ['a key twice', 'a=1,a=2'],
    ['more than 32 members', Array.from({ length: 33 }, (_, index) => `k${index}=v`).join(',')],
    ['more than 512 characters', `a=${'x'.repeat(255)},b=${'x'.repeat(255)}`],
    ['an upper-case key', 'A=1'],
    ['line breaks', 'a=1\r\nx-injected: 1'],
    ['no value', 'a='],
  ])('with %s is dropped, the traceparent still counts', (_what, tracestate) => {
    expect(stateOf(tracestate)).toBeUndefined();
    expect(parseTraceparent(traceparent, tracestate)?.sampled).toBe(true);
  });
});

describe('sampling by trace id', () => {
  it('takes about the given share, and the same traces at every service', () => {
    const ids = randomTraceIds();
    const traces = Array.from({ length: 20_000 }, () => ids.traceId());
    const sampled = traces.filter((traceId) => sampledByRatio(traceId, 0.05));
    expect(sampled.length).toBeGreaterThan(800);
    expect(sampled.length).toBeLessThan(1_200);
    expect(traces.filter((traceId) => sampledByRatio(traceId, 0.05))).toEqual(sampled);
    expect(sampled.every((traceId) => sampledByRatio(traceId, 0.1))).toBe(true);
    expect(new Set(traces).size).toBe(traces.length);
  });

  it('takes all at 1 and none at 0', () => {
    fc.assert(
      fc.property(id(32), (traceId) => {
        expect([sampledByRatio(traceId, 1), sampledByRatio(traceId, 0)]).toEqual([true, false]);
      }),
    );
  });
});
