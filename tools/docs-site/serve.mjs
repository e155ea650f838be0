/** Serves the built site as any host of static files does. */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const isFile = (file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/** @returns {string | undefined} the file for a path; undefined where there is none */
function fileFor(folder, base, pathname) {
  if (!pathname.startsWith(base)) return undefined;
  const file = path.join(folder, pathname.slice(base.length), pathname.endsWith('/') ? 'index.html' : '');
  return file.startsWith(folder + path.sep) && isFile(file) ? file : undefined;
}

const pathOf = (url) => {
  try {
    return decodeURIComponent(new URL(url, 'http://site').pathname);
  } catch {
    return '';
  }
};

/**
 * @param {{ folder: string, base: string, port: number }} options port 0 is any that is free
 * @returns {Promise<{ url: string, close: () => void }>} where the site is, on this machine only
 */
export async function serveSite({ folder, base, port }) {
  const server = createServer(({ url, method }, response) => {
    const found = fileFor(folder, base, pathOf(url));
    const file = found ?? path.join(folder, '404.html');
    response.writeHead(found ? 200 : 404, {
      'content-type': types[path.extname(file)] ?? 'application/octet-stream',
    });
    if (method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
