import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { startMailCatcher } from './mail-catcher';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'bulkhead-mails-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const textsOf = async () => {
  const names = (await readdir(folder)).sort();
  return Promise.all(
    names.map(async (name) => (await readFile(join(folder, name), 'utf8')).trim().split('\r\n').at(-1)),
  );
};

test('the newest mails are kept, those of an earlier start among them', async () => {
  for (const day of ['01', '02'])
    await writeFile(join(folder, `2026-01-${day}T00-00-00.000Z-a.eml`), `of ${day}`);
  const catcher = await startMailCatcher(folder, 0, 3);
  const transport = createTransport(catcher.url);
  try {
    const send = (text: string) =>
      transport.sendMail({ from: 'shop@example.com', to: 'ada@example.com', text });
    await send('first');
    expect(await textsOf()).toEqual(['of 01', 'of 02', 'first']);
    await send('second');
    await send('third');
    expect(await textsOf()).toEqual(['first', 'second', 'third']);
  } finally {
    transport.close();
    await catcher.stop();
  }
});
