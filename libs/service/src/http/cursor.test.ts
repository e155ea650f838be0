import { z } from 'zod';
import { decodeCursor, encodeCursor, nextPage } from './cursor';

const Key = z.strictObject({ id: z.string() });

test('a cursor gives back the key it was made of', () => {
  expect(decodeCursor(encodeCursor({ id: 'ä/1' }), Key)).toEqual({ id: 'ä/1' });
  expect(decodeCursor(undefined, Key)).toBeUndefined();
});

test.each(['AAAA', encodeCursor({ id: 1 }), encodeCursor(null)])('%s is refused as a cursor', (cursor) => {
  expect(() => decodeCursor(cursor, Key)).toThrow(expect.objectContaining({ slug: 'invalid-request' }));
});

test('the next page has the filters of this one, and its cursor in the link and beside it', () => {
  const next = nextPage(
    '/api/v1/things',
    { limit: 2, q: 'a&b', cursor: 'old', category: undefined },
    { id: 'x' },
  );
  const cursor = encodeCursor({ id: 'x' });
  expect(next).toEqual({ next: `/api/v1/things?limit=2&q=a%26b&cursor=${cursor}`, nextCursor: cursor });
  expect(nextPage('/api/v1/things', {}, undefined)).toEqual({ next: null, nextCursor: null });
});
