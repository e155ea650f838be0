import { readCommandLine } from './command-line';

const read = (...words: string[]) => readCommandLine(words, {});

describe('npm run load', () => {
  it('uses the shop of npm start by default', () => {
    expect(read('browse')).toMatchObject({ scenario: 'browse', origin: 'http://127.0.0.1:3000' });
    expect(readCommandLine(['browse'], { PORT: '4000' }).origin).toBe('http://127.0.0.1:4000');
  });

  it.each(['http://127.0.0.1:3000', 'http://localhost:3000', 'http://[::1]:3000', 'http://127.9.9.9'])(
    'loads this machine at %s',
    (url) => {
      expect(read('browse', '--url', url).origin).toBe(url);
    },
  );

  it.each([
    'http://shop.example',
    'http://10.0.0.1',
    'http://127.0.0.1.shop.example',
    'http://localhost.example',
  ])('refuses to load %s unless that very host is allowed', (url) => {
    const { hostname } = new URL(url);
    expect(() => read('browse', '--url', url)).toThrow(/is not this machine/);
    expect(() => read('browse', '--url', url, '--allow-host', 'other.example')).toThrow(/not this machine/);
    expect(read('browse', '--url', url, '--allow-host', hostname).origin).toBe(url);
  });

  it('is bounded in rate and time', () => {
    expect(read('browse', '--rate', '20', '--seconds', '5')).toMatchObject({ rate: 20, seconds: 5 });
    for (const rate of ['0', '-1', '2001', 'NaN', 'fast', 'Infinity'])
      expect(() => read('browse', `--rate=${rate}`)).toThrow(/must be a number/);
    expect(() => read('browse', '--seconds', '14401')).toThrow(/at most 14400/);
  });

  it('takes one scenario', () => {
    expect(() => read()).toThrow('Name one scenario');
    expect(() => read('browse', 'buy')).toThrow('Name one scenario');
    expect(() => read('browse', '--fast')).toThrow(/--fast/);
  });
});
