import { etagOf, ifMatch, isNotModified, requireIfMatch } from './preconditions';

describe('If-Match', () => {
  test('names the versions a change may be based on', () => {
    expect(requireIfMatch('"3"')).toEqual([3]);
    expect(requireIfMatch('"3", "7"')).toEqual([3, 7]);
    expect(requireIfMatch('*')).toBe('any');
  });
  test('never matches by a weak or foreign tag', () => {
    expect(requireIfMatch('W/"3", "abc"')).toEqual([]);
    expect(requireIfMatch('"03", "3 ", "+3", "1e0", "12345678901"')).toEqual([]);
    expect(requireIfMatch('W/"3",\t, "4",')).toEqual([4]);
  });
  test('may be left out where it is not required', () => {
    expect(ifMatch(undefined)).toBe('any');
  });
  test('is asked for when it is missing', () => {
    expect(() => requireIfMatch(undefined)).toThrow(
      expect.objectContaining({ slug: 'precondition-required' }),
    );
  });
});

describe('If-None-Match', () => {
  test('compares weakly, and takes lists and *', () => {
    expect(isNotModified('W/"4"', etagOf(4))).toBe(true);
    expect(isNotModified('"1", "4"', etagOf(4))).toBe(true);
    expect(isNotModified('*', etagOf(4))).toBe(true);
    expect(isNotModified('"5"', etagOf(4))).toBe(false);
    expect(isNotModified(undefined, etagOf(4))).toBe(false);
  });
});
