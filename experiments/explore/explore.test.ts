import path from 'node:path';
import { explore } from './explore';
import { knownMistakes } from './planted-faults';

const root = path.join(__dirname, '../..');
/** Those that show soonest; EXPLORE_MISTAKES=all tries every one. */
const tried = process.env['EXPLORE_MISTAKES'] === 'all' ? knownMistakes : knownMistakes.slice(0, 2);

describe('histories of orders, in any order of what happens and with anything going wrong', () => {
  it('each come to an end that money, stock and buyer know of', async () => {
    const { histories, ends, failure, offences } = await explore({
      root,
      seed: 20_261_129,
      histories: 250,
      lanes: 2,
    });
    expect(failure).toBeUndefined();
    expect(offences).toEqual([]);
    expect(histories).toBe(250);
    // They are worth something only if they reach every end.
    expect([...ends.keys()]).toEqual(
      expect.arrayContaining(['confirmed', 'rejected', 'cancelled', 'expired', 'refunded']),
    );
  }, 120_000);

  it.each(tried)(
    'show when $what',
    async ({ found, ...fault }) => {
      const { failure } = await explore({ root, seed: 7, histories: 3_000, lanes: 1, shorten: false, fault });
      expect(failure?.offences.join('\n')).toMatch(found);
    },
    300_000,
  );
});
