import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * The address of the client: the socket's, or with trusted proxies in front, what the outermost of them saw.
 * Each proxy appends whom it was called by, so that the entries count from the right; everything further left was written
 * by the client itself and is not believed. An entry that is no address stays in the count: what the next proxy saw
 * takes its place, never what the client wrote.
 * @returns the address as RFC 5952 writes it, without a port; IPv4 also where the socket maps it into IPv6
 */
export function clientAddress(request: IncomingMessage, trustedHops: number): string {
  const peer = parseAddress(request.socket.remoteAddress ?? '') ?? 'unknown';
  if (trustedHops === 0) return peer;
  const seen = entriesOf(request, 'x-forwarded-for').slice(-trustedHops);
  for (const entry of seen) {
    const address = parseAddress(entry);
    if (address !== undefined) return address;
  }
  return peer;
}

/**
 * How the client reached the shop: by what the outermost trusted proxy saw, which may end TLS, else as this process did,
 * which speaks plain HTTP.
 */
export function clientScheme(request: IncomingMessage, trustedHops: number): 'http' | 'https' {
  if (trustedHops === 0) return 'http';
  const hops = entriesOf(request, 'x-forwarded-proto');
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

/** The entries of a list header, in order; Node joins several such headers into one. */
function entriesOf(request: IncomingMessage, name: string): string[] {
  const header = request.headers[name];
  return typeof header === 'string' ? header.split(',').map((entry) => entry.trim()) : [];
}

/** `203.0.113.7:4001`, `[2001:db8::1]:4001` and `[2001:db8::1]`, as load balancers write them that add the port. */
const withPort = /^(?:\[(?<v6>[^\]]*)\](?::\d{1,5})?|(?<v4>[\d.]+):\d{1,5})$/;

/** @returns undefined for what is no address; octal, hexadecimal and shortened IPv4 is none, readers differ about it */
function parseAddress(entry: string): string | undefined {
  const { v6, v4 } = withPort.exec(entry)?.groups ?? {};
  // A zone names an interface of whoever wrote it (RFC 4007 §6), which says nothing here.
  const [address = ''] = (v6 ?? v4 ?? entry).split('%');
  return isIP(address) === 0 ? undefined : ipaddr.process(address).toString();
}
