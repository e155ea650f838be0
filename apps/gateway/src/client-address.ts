import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import proxyAddr from 'proxy-addr';

/**
 * The address of the client: the socket's, or with trusted proxies in front, what the outermost of them saw. Each proxy
 * appends its peer's address, so entries count from the right; everything further left was written by the client and is
 * not trusted. An invalid entry still counts: it is replaced by what the next proxy saw, never by what the client
 * wrote.
 * @returns the address in RFC 5952's format, without a port; IPv4 even if the socket maps it into IPv6
 */
export function clientAddress(request: IncomingMessage, trustedHops: number): string {
  // From the socket on; the last one is what the outermost trusted proxy wrote.
  const seen = proxyAddr.all(request, (_address, hop) => hop < trustedHops);
  for (const entry of seen.toReversed()) {
    const address = parseAddress(entry);
    if (address !== undefined) return address;
  }
  return 'unknown';
}

/**
 * The protocol that the client used: as seen by the outermost trusted proxy, which may terminate TLS, otherwise that of
 * this process, which is plain HTTP.
 */
export function clientScheme(request: IncomingMessage, trustedHops: number): 'http' | 'https' {
  if (trustedHops === 0) return 'http';
  const header = request.headers['x-forwarded-proto'];
  const hops = typeof header === 'string' ? header.split(',').map((entry) => entry.trim()) : [];
  return (hops.at(-trustedHops) ?? hops[0])?.toLowerCase() === 'https' ? 'https' : 'http';
}

/**
 * The part of an address that belongs to one customer: a whole IPv4 address, or an IPv6 /64.
 * @param address as returned by `clientAddress`
 */
export function clientKey(address: string): string {
  if (isIP(address) !== 6) return address;
  return ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString();
}

/** `203.0.113.7:4001`, `[2001:db8::1]:4001` and `[2001:db8::1]`, the formats of load balancers that add the port. */
const withPort = /^(?:\[(?<v6>[^\]]*)\](?::\d{1,5})?|(?<v4>[\d.]+):\d{1,5})$/;

/**
 * @returns undefined for an invalid address; octal, hexadecimal and shortened IPv4 is invalid, since parsers disagree
 *   on it
 */
function parseAddress(entry = ''): string | undefined {
  const { v6, v4 } = withPort.exec(entry)?.groups ?? {};
  // A zone names an interface of the sender (RFC 4007 §6), which is meaningless here.
  const [address = ''] = (v6 ?? v4 ?? entry).split('%');
  return isIP(address) === 0 ? undefined : ipaddr.process(address).toString();
}
