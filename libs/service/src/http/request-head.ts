import type { IncomingMessage } from 'node:http';

/** A request target without scheme and host, which every server has to accept (RFC 9112 §3.2.2). */
export function originForm(target: string): string {
  if (target.startsWith('/')) return target;
  const [origin] = /^https?:\/\/[^/?#]+/i.exec(target) ?? [''];
  const rest = target.slice(origin.length);
  return origin !== '' && !rest.startsWith('/') ? `/${rest}` : rest;
}

/**
 * What is wrong with the head of a request that Node's parser accepted: anything that two parsers on its way could
 * interpret differently is rejected first.
 * @returns a sentence, or undefined if the head is valid
 */
export function faultOfHead(request: IncomingMessage): string | undefined {
  const { httpVersion, url = '', rawHeaders } = request;
  // Node.js also accepts a request line without a version, as in HTTP/0.9, and one of HTTP/2 without HTTP/2 after it.
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 'Only HTTP/1.1 and HTTP/1.0 are spoken here.';
  if (!url.startsWith('/') && url !== '*') return 'The request target is not a path.';
  // RFC 9112 §3.2: a fragment is never part of a request target.
  if (url.includes('#')) return 'The request target has a fragment.';
  let host: string | undefined;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]!.length !== 4 || rawHeaders[at]!.toLowerCase() !== 'host') continue;
    if (host !== undefined) return 'The request has more than one Host.';
    host = rawHeaders[at + 1]!;
  }
  if (host === undefined) return httpVersion === '1.1' ? 'The request has no Host.' : undefined;
  return validHost.test(host) ? undefined : 'Host is not the name of a host.';
}

/**
 * RFC 9112 §3.2: `uri-host [ ":" port ]` (RFC 3986 §3.2.2), and never empty, since an http URI has a host (RFC 9110
 * §4.2.1).
 */
const validHost = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::[0-9]{0,5})?$/;
