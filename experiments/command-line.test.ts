import { parseArguments } from './command-line';
import { stories } from './stories/stories';

const parse = (line: string) => parseArguments(line.split(' '), stories);

describe('npm run experiment', () => {
  it('runs what is named, or all', () => {
    expect(parse('payment-slow overload')).toMatchObject({
      experiments: [{ name: 'payment-slow' }, { name: 'overload' }],
      seconds: 60,
      gate: 'all',
    });
    expect(parse('all --seconds 45')).toMatchObject({ experiments: stories, seconds: 45 });
  });

  it('takes half the time when it shall be fast, and fails then for nothing that was timed', () => {
    expect(parse('all --fast')).toMatchObject({ seconds: 30, gate: 'correctness' });
  });

  it('runs on all that an experiment compares, unless it is told on what', () => {
    expect(parse('all')).toMatchObject({ only: undefined });
    expect(parse('partition --target cluster')).toMatchObject({ only: 'cluster' });
    expect(parse('all --target processes')).toMatchObject({ only: 'services' });
  });

  it.each([
    ['', 'Name an experiment'],
    ['payment-fast', 'There is no experiment payment-fast.'],
    ['all --second 30', 'There is no option --second.'],
    ['all --seconds', '--seconds needs a value.'],
    ['all --seconds 3', 'between 20 and 600'],
    ['all --target moon', 'must be processes'],
    ['all --seed x', 'whole number'],
  ])('says in a sentence what is wrong with “%s”', (line, sentence) => {
    expect(parseArguments(line === '' ? [] : line.split(' '), stories)).toMatchObject({
      kind: 'wrong',
      sentence: expect.stringContaining(sentence) as string,
    });
  });

  it('knows each experiment by a name of its own', () => {
    expect(new Set(stories.map(({ name }) => name)).size).toBe(stories.length);
  });
});
