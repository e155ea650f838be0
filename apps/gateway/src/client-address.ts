import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import proxyAddr from 'proxy-addr';

/**
 * The address of the client: the socket's, or with trusted proxies in front, what the outermost of them saw.
 * Each proxy appends whom it was called by, so that the entries count from the right; everything further left was written
 * by the client itself and is not believed. An entry that is no address stays in the count: what the next proxy saw
 * takes its place, never what the client wrote.
 * @returns the address as RFC 5952 writes it, without a port; IPv4 also where the socket maps it into IPv6
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
 * How the client reached the shop: by what the outermost trusted proxy saw, which may end TLS, else as this process did,
 * which speaks plain HTTP.
 */
export function clientScheme(request: IncomingMessage, trustedHops: number): 'http' | 'https' {
  if (trustedHops === 0) return 'http';
  const header = request.headers['x-forwarded-proto'];
  const hops = typeof header === 'string' ? header.split(',').map((entry) => entry.trim()) : [];
  return (hops.at(-trustedHops) ?? hops[0])?.toLowerCase() === 'https' ? 'https' : 'http';
}

/**
 * The part of an address that one customer has for themselves: a whole IPv4 address, or an IPv6 /64.
 * @param address as `clientAddress` returns it
 */
export function clientKey(address: string): string {
  if (isIP(address) !== 6) return address;
  return ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString();
}

/** `203.0.113.7:4001`, `[2001:db8::1]:4001` and `[2001:db8::1]`, as load balancers write them that add the port. */
const withPort = /^(?:\[(?<v6>[^\]]*)\](?::\d{1,5})?|(?<v4>[\d.]+):\d{1,5})$/;

/** @returns undefined for what is no address; octal, hexadecimal and shortened IPv4 is none, readers differ about it */
function parseAddress(entry = ''): string | undefined {
  const { v6, v4 } = withPort.exec(entry)?.groups ?? {};
  // A zone names an interface of whoever wrote it (RFC 4007 §6), which says nothing here.
  const [address = ''] = (v6 ?? v4 ?? entry).split('%');
  return isIP(address) === 0 ? undefined : ipaddr.process(address).toString();
}
