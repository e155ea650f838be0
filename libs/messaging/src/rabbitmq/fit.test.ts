import * as fc from 'fast-check';
import { copiedProperties, fitShortString } from './fit';

test('a property fits a short string again, and is cut at a character only where it must be', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 255 }), (bytes) => {
      const decoded = Buffer.from(bytes).toString('utf8');
      const fit = fitShortString(decoded) ?? '';
      expect(Buffer.byteLength(fit)).toBeLessThanOrEqual(255);
      expect(decoded.startsWith(fit)).toBe(true);
      const next = decoded.slice(fit.length, fit.length + 2);
      expect(next === '' || Buffer.byteLength(fit + next) > 255).toBe(true);
    }),
  );
  expect(fitShortString(Buffer.alloc(100, 0xff).toString())).toBe('\uFFFD'.repeat(85));
});

test('nothing is copied on which a broker would act', () => {
  const properties = { type: 'a', contentType: 'b', userId: 'c', expiration: '0', headers: { CC: ['d'] } };
  expect(copiedProperties(properties)).toEqual({ type: 'a', contentType: 'b' });
  expect(copiedProperties({ type: 7, contentType: '' })).toEqual({});
});
