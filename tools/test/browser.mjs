/** What tests do with a real browser, whatever page they look at. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { findChromium } from './debian-program.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** @returns {Promise<import('playwright-core').Browser>} */
export const launchChromium = () =>
  chromium.launch({
    executablePath: findChromium(),
    // As root, which containers run as, Chromium has no sandbox of its own.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });

/**
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>} what axe finds fault with in the page as it is now, each with its first elements
 */
export const axeFaults = async (page) => {
  await page.evaluate(axe);
  const { violations } = await page.evaluate((values) => globalThis.axe.run({ runOnly: values }), tags);
  return violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes
        .slice(0, 3)
        .map(({ html }) => html)
        .join(' ')}`,
  );
};
