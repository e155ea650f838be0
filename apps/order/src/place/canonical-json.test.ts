import fc from 'fast-check';
import { canonicalJson, fingerprintOf } from './canonical-json';

describe('the canonical form of a request', () => {
  it('does not depend on the order of members', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe(
      '{"a":true,"b":[1,{"c":"x","d":null}]}',
    );
    expect(fingerprintOf({ a: 1, b: 2 })).toEqual(fingerprintOf({ b: 2, a: 1 }));
  });

  it('differs where the meaning does', () => {
    expect(fingerprintOf({ items: [1, 2] })).not.toEqual(fingerprintOf({ items: [2, 1] }));
    expect(fingerprintOf({ a: '1' })).not.toEqual(fingerprintOf({ a: 1 }));
  });

  it('is JSON that reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
