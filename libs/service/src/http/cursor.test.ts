import { z } from 'zod';
import { decodeCursor, encodeCursor, nextLink } from './cursor';

const Key = z.strictObject({ id: z.string() });

test('a cursor gives back the key it was made of', () => {
  expect(decodeCursor(encodeCursor({ id: 'ä/1' }), Key)).toEqual({ id: 'ä/1' });
  expect(decodeCursor(undefined, Key)).toBeUndefined();
});

test.each(['AAAA', encodeCursor({ id: 1 }), encodeCursor(null)])('%s is refused as a cursor', (cursor) => {
  expect(() => decodeCursor(cursor, Key)).toThrow(expect.objectContaining({ slug: 'invalid-request' }));
});

test('the next link keeps the filters and leaves out what was not given', () => {
  const link = nextLink(
    '/api/v1/things',
    { limit: 2, q: 'a&b', cursor: 'old', category: undefined },
    { id: 'x' },
  );
  expect(link).toBe(`/api/v1/things?limit=2&q=a%26b&cursor=${encodeCursor({ id: 'x' })}`);
});
