/** Two images of order with one more migration: one that fails half way, and the next release's, which works. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { containerTool } from '../images/container-tool.ts';
import { imageName } from '../images/images.ts';

const migration = 'migrations/29990101000000_a_remark';
const works = 'alter table orders add column remark text;\n';
const fails = `${works}select 1 / 0;\n`;

/** @returns their tags */
export function buildMigrationImages(tag: string): { failing: string; mended: string } {
  const tags = { failing: `${tag}-failing`, mended: `${tag}-mended` };
  build(tag, tags.failing, fails);
  build(tag, tags.mended, works);
  return tags;
}

function build(from: string, tag: string, sql: string): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-migration-'));
  try {
    mkdirSync(path.join(folder, migration), { recursive: true });
    writeFileSync(path.join(folder, migration, 'migration.sql'), sql);
    writeFileSync(
      path.join(folder, 'Dockerfile'),
      `FROM ${imageName('order', { tag: from })}\nCOPY migrations /app/migrations\n`,
    );
    containerTool().derive(imageName('order', { tag }), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
