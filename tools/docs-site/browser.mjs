/** Looks at the built site as a reader does: in a real browser, light and dark, and sends a request from the reference. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { axeFaults, launchChromium } from '../test/browser.ts';
import { load } from '../build/load.ts';
import { createSteps } from '../test/steps.ts';
import { serveSite } from './serve.ts';

/** What responds as a shop does that pages of other origins may call, and notes what it was sent. */
async function startShop() {
  const { createCors } = await load('apps/gateway/src/cors.ts');
  const cors = createCors('*');
  const requests = [];
  const server = createServer(async (request, response) => {
    const { method, url } = request;
    if (method === 'OPTIONS') {
      response.writeHead(204, cors.preflight(request, ['GET', 'POST'])).end();
      return;
    }
    requests.push({ method, url, body: await text(request) });
    response.writeHead(200, { ...cors.headersFor(request), 'content-type': 'application/json' });
    response.end(JSON.stringify({ items: [], total: 0 }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    requests,
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A page in which errors, and requests to others than those allowed, are complaints. */
async function openPage(browser, { scheme, allowed, complaints, viewport = { width: 1280, height: 900 } }) {
  const context = await browser.newContext({ colorScheme: scheme, viewport });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http') && !allowed.includes(origin)) complaints.push(`asked ${request.url()}`);
  });
  return { page, close: () => context.close() };
}

const expectNone = (faults) => {
  if (faults.length > 0) throw new Error(faults.join('; '));
};

/**
 * @param {{ folder: string, base: string, pictures?: string }} site `pictures`: a folder for what was seen
 * @returns {Promise<{ passed: number, failed: number }>}
 */
export async function checkInBrowser({ folder, base, pictures }) {
  const { step, tell } = createSteps();
  const complaints = [];
  const site = await serveSite({ folder, base, port: 0 });
  const shop = await startShop();
  const browser = await launchChromium();
  const open = async (path, options) => {
    const opened = await openPage(browser, {
      allowed: [new URL(site.url).origin, shop.origin],
      complaints,
      ...options,
    });
    await opened.page.goto(`${site.url}${path}`, { waitUntil: 'load' });
    return opened;
  };
  const look = async (page, name) => {
    if (pictures) await page.screenshot({ path: `${pictures}/${name}.png` });
  };
  try {
    for (const scheme of ['light', 'dark']) {
      await step(`the first page is readable by everybody, ${scheme}`, async () => {
        const { page, close } = await open('', { scheme });
        await page.locator('.diagram svg').waitFor();
        await look(page, `start-${scheme}`);
        expectNone(await axeFaults(page));
        await close();
      });
      await step(`a page of tables and code is readable by everybody, ${scheme}`, async () => {
        const { page, close } = await open('kubernetes.html', { scheme });
        await look(page, `kubernetes-${scheme}`);
        expectNone(await axeFaults(page));
        await close();
      });
      await step(`the API reference shows every group of operations, ${scheme}`, async () => {
        const { page, close } = await open('reference/', { scheme });
        await page.getByRole('heading', { name: 'Bulkhead shop API' }).waitFor();
        await look(page, `reference-${scheme}`);
        expectNone(await axeFaults(page));
        await close();
      });
    }
    const send = async (tag, method, path) => {
      const { page, close } = await open(`reference/#tag/${tag}/${method}${path}`, { scheme: 'light' });
      await page.getByLabel('origin', { exact: true }).fill(shop.origin);
      const name = new RegExp(`^Test Request\\s*\\(${method} ${path}\\)$`, 'i');
      await page.getByRole('button', { name }).click();
      await page.getByRole('button', { name: /^Send/ }).first().click();
      await page.getByText('200 OK').first().waitFor();
      await look(page, 'sent');
      await close();
      return shop.requests.at(-1);
    };
    await step('the API reference sends a request to the shop that the reader names', async () => {
      const { method, url } = await send('search', 'GET', '/api/v1/search');
      if (method !== 'GET' || !url.startsWith('/api/v1/search?')) throw new Error(`it sent ${method} ${url}`);
    });
    await step('the API reference sends a body, as an example has it', async () => {
      const { method, url, body } = await send('auth', 'POST', '/api/v1/auth/login');
      const { email } = JSON.parse(body);
      if (`${method} ${url} ${email}` !== 'POST /api/v1/auth/login ada@example.com')
        throw new Error(`it sent ${method} ${url} ${body}`);
    });
    await step('the search finds a page', async () => {
      const { page, close } = await open('', { scheme: 'light' });
      await page.keyboard.press('Control+k');
      await page.getByRole('searchbox').fill('signing keys');
      await page
        .getByRole('option', { name: /Signing keys/ })
        .first()
        .waitFor();
      await close();
    });
    await step('a phone shows a page without scrolling sideways', async () => {
      const { page, close } = await open('', { scheme: 'light', viewport: { width: 360, height: 740 } });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > 360) throw new Error(`the page is ${wide} pixels wide`);
      await close();
    });
    await step('the browser found fault with nothing, and asked nobody else', () =>
      Promise.resolve(expectNone([...new Set(complaints)])),
    );
  } finally {
    await browser.close();
    shop.close();
    site.close();
  }
  return tell();
}
