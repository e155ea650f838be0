/** Serves the built site as any host of static files does. */
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/** @returns the file for a path; undefined where there is none */
function fileFor(folder: string, base: string, pathname: string): string | undefined {
  if (!pathname.startsWith(base)) return undefined;
  const file = path.join(folder, pathname.slice(base.length), pathname.endsWith('/') ? 'index.html' : '');
  return file.startsWith(folder + path.sep) && isFile(file) ? file : undefined;
}

const pathOf = (url: string): string => {
  try {
    return decodeURIComponent(new URL(url, 'http://site').pathname);
  } catch {
    return '';
  }
};

interface SiteOptions {
  readonly folder: string;
  /** The path that it is served at. */
  readonly base: string;
  /** 0 is any that is free. */
  readonly port: number;
}

/** @returns where the site is, on this machine only */
export async function serveSite({
  folder,
  base,
  port,
}: SiteOptions): Promise<{ url: string; close: () => void }> {
  const server = createServer(({ url = '', method }, response) => {
    const found = fileFor(folder, base, pathOf(url));
    const file = found ?? path.join(folder, '404.html');
    response.writeHead(found ? 200 : 404, {
      'content-type': types[path.extname(file)] ?? 'application/octet-stream',
    });
    if (method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
