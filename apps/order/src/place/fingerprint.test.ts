import fc from 'fast-check';
import { fingerprintOf } from './fingerprint';

describe('the fingerprint of a request', () => {
  it('does not depend on the order of members', () => {
    expect(fingerprintOf({ b: [1, { d: null, c: 'x' }], a: true })).toEqual(
      fingerprintOf({ a: true, b: [1, { c: 'x', d: null }] }),
    );
  });

  it('differs where the meaning does', () => {
    expect(fingerprintOf({ items: [1, 2] })).not.toEqual(fingerprintOf({ items: [2, 1] }));
    expect(fingerprintOf({ a: '1' })).not.toEqual(fingerprintOf({ a: 1 }));
  });

  it('is the same for a value that was sent as JSON, with undefined members or without', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(fingerprintOf(JSON.parse(JSON.stringify({ value, none: undefined })))).toEqual(
          fingerprintOf({ value, none: undefined }),
        );
      }),
    );
  });

  // They are stored with each order: a replay over an upgrade must find the same one.
  it('is the one that earlier versions stored', () => {
    const value = {
      b: [1, { d: null, c: 'x' }],
      a: true,
      '€': 'é\u2028"\\',
      n: [1e21, 1e-7, 0.1, 333333333.3333333],
      '\r': undefined,
      A: 'ü',
    };
    expect(fingerprintOf(value).toString('hex')).toBe(
      '96ee44231444f9c2184988b3b39d31412b39c3defb05418934dd74f9c0cfcd6a',
    );
  });
});
