/**
 * `npm run test:story`: starts the story as a person does, and presses every button in a real browser: the monolith
 * suffers, the services go on selling, and after each repair both are well. axe looks at the page, light and dark. Chromium
 * is the one on the PATH, or that CHROMIUM names, or Debian's (root). The last line is `N passed, N failed`. With
 * `-- --pictures` it also draws the page for docs/.
 */
import path from 'node:path';
import { findChromium } from '../test/debian-program.ts';
import { createEndToEndTest } from '../test/end-to-end.ts';
import { ensureInstalled, root } from '../bootstrap/install.mjs';
import { freePort, until } from '../test/processes.ts';
import { orUnavailable } from '../test/unavailable.ts';

orUnavailable(findChromium);

const pictures = process.argv.includes('--pictures') ? path.join(root, 'docs/story') : undefined;
const { processes, step, say, run } = createEndToEndTest('story');

await run(async () => {
  ensureInstalled();
  const story = processes.start(process.execPath, [path.join(root, 'tools/run.mjs'), 'story'], {
    ...process.env,
    PORT: String(await freePort()),
  });
  const hasEnded = story.ended.then(() => Promise.reject(new Error('the story ended')));
  await Promise.race([
    until('both shops are up', () => /^Both shops are up/m.test(story.output)),
    hasEnded,
  ]).catch((error) => {
    throw new Error(`${error.message}:\n${story.output}`);
  });
  say('both shops are up');
  const address = /^The story is at (\S+)$/m.exec(story.output)[1];
  const { launchChromium } = await import('../test/browser.ts');
  const browser = await launchChromium();
  try {
    const { pressEveryButton } = await import('./buttons.mjs');
    await pressEveryButton(step, { browser, address, pictures });
  } finally {
    await browser.close();
  }
});
