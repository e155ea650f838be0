import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import { type CodedBody, createCodedBody } from './coded-body';
import type { ResponseValue } from './operation';

/** The built files of a client-side rendered site. */
export interface StaticSite {
  /**
   * @param pathname decoded, with its leading slash
   * @returns the response to a GET: a file, or `index.html` if a browser requests a page; undefined if the site has
   *   neither
   */
  answer(pathname: string, headers: IncomingHttpHeaders): ResponseValue | undefined;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

/** Only the site's own files may run, be shown and be fetched; no framing. Pages contain no inline code. */
const siteHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; " +
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/** File names in this folder contain a content hash, so the files never change. */
const hashedFolder = '/assets/';
/** Paths with these prefixes are never pages of the site. */
const notPages = /^\/(?:api|assets|\.well-known)(?:\/|$)/;

interface SiteFile {
  readonly body: CodedBody;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads the files of a folder once: a few hundred kilobytes. Afterwards requests need no disk access, and a concurrent
 * rebuild of the site is never mixed with this one.
 * @returns undefined if the folder has no site
 */
export function readStaticSite(folder: string): StaticSite | undefined {
  if (!existsSync(path.join(folder, 'index.html'))) return undefined;
  const files = new Map<string, SiteFile>(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => path.join(parentPath, name))
      .map((file) => [`/${path.relative(folder, file).split(path.sep).join('/')}`, file] as const)
      .map(([pathname, file]) => [pathname, toSiteFile(pathname, readFileSync(file))]),
  );
  const index = files.get('/index.html')!;
  return {
    answer(pathname, headers) {
      const isPage = /\btext\/html\b/.test(headers.accept ?? '') && !notPages.test(pathname);
      const file = files.get(pathname) ?? (isPage ? index : undefined);
      return file && answerOf(file, headers);
    },
  };
}

function toSiteFile(pathname: string, content: Buffer): SiteFile {
  const etag = `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
  return {
    body: createCodedBody(content),
    headers: {
      ...siteHeaders,
      'content-type': types[path.extname(pathname)] ?? 'application/octet-stream',
      // A file without a hash in its name is revalidated each time, usually with a 304.
      'cache-control': pathname.startsWith(hashedFolder) ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'Accept, Accept-Encoding',
      etag,
    },
  };
}

function answerOf({ body, headers }: SiteFile, asked: IncomingHttpHeaders): ResponseValue {
  const isKnown = asked['if-none-match']?.split(',').some((tag) => tag.trim() === headers['etag']);
  if (isKnown) return { status: 304, headers };
  const { body: bytes, encoding } = body.for(asked['accept-encoding']);
  return {
    status: 200,
    headers: encoding === undefined ? headers : { ...headers, 'content-encoding': encoding },
    body: bytes,
  };
}
