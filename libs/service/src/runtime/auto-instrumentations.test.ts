import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { autoInstrumentations, autoInstrumentationsPackage } from './auto-instrumentations';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-instrumentations-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('are none unless they are asked for', () => {
  expect(autoInstrumentations({ AUTO_INSTRUMENTATION: false }, folder)).toEqual([]);
});

it('stop the start with a sentence where their package is not installed', () => {
  expect(() => autoInstrumentations({ AUTO_INSTRUMENTATION: true }, folder)).toThrow(
    `AUTO_INSTRUMENTATION=on needs the package ${autoInstrumentationsPackage}, which is not installed in ${folder} or above it.`,
  );
});

it('are those of the package installed beside the program', async () => {
  const installed = path.join(folder, 'node_modules', autoInstrumentationsPackage);
  await mkdir(installed, { recursive: true });
  await writeFile(path.join(installed, 'package.json'), '{"main":"index.js"}');
  await writeFile(
    path.join(installed, 'index.js'),
    "exports.getNodeAutoInstrumentations = () => ['those of the package'];",
  );
  expect(autoInstrumentations({ AUTO_INSTRUMENTATION: true }, folder)).toEqual(['those of the package']);
});
