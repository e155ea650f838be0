import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeMetrics } from './metrics-catalogue';

const root = path.join(__dirname, '../../..');
const file = path.join(root, 'docs/metrics.md');

/** As `npm run format` would; prettier itself cannot be loaded into jest. */
const formatted = (markdown: string): string =>
  execFileSync(
    process.execPath,
    [path.join(root, 'node_modules/prettier/bin/prettier.cjs'), '--stdin-filepath', file],
    { input: markdown, encoding: 'utf8' },
  );

describe('docs/metrics.md', () => {
  it('names every metric of every service as it is; npm run docs:metrics writes it anew', async () => {
    const made = formatted(await describeMetrics());
    if (process.env['WRITE_DOCS'] === 'on') await writeFile(file, made);
    expect(await readFile(file, 'utf8')).toBe(made);
  }, 60_000);
});
