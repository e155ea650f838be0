/** A span elsewhere: the caller's, the sender's of a message, or a linked one. */
export interface RemoteParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  readonly tracestate?: string | undefined;
}

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const zeroTrace = '0'.repeat(32);
const zeroSpan = '0'.repeat(16);

/**
 * Reads `traceparent` as W3C Trace Context (Level 1, §3.2 and §4.3) says: lower-case hex, no zero ids, version ff is
 * invalid, version 00 has nothing behind the flags, later versions may.
 * @returns undefined for anything else: the receiver then starts a trace of its own
 */
export function parseTraceparent(
  traceparent: string | undefined,
  tracestate?: string,
): RemoteParent | undefined {
  if (traceparent === undefined || traceparent.length < 55 || traceparent.length > 256) return undefined;
  const match = form.exec(traceparent);
  if (!match) return undefined;
  const [, version, traceId, spanId, flags, rest] = match;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (!traceId || !spanId || !flags || traceId === zeroTrace || spanId === zeroSpan) return undefined;
  const sampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, sampled, tracestate: validTracestate(tracestate) };
}

export const formatTraceparent = (traceId: string, spanId: string, sampled: boolean): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

const key = /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})$/;
const value = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** The list as received when every member is well formed, at most 32 of them and 512 characters (§3.3); else undefined. */
function validTracestate(list: string | undefined): string | undefined {
  if (!list || list.length > 512) return undefined;
  const members = list
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
  if (members.length === 0 || members.length > 32) return undefined;
  const keys = new Set<string>();
  for (const member of members) {
    const at = member.indexOf('=');
    const name = member.slice(0, at);
    if (at < 1 || !key.test(name) || !value.test(member.slice(at + 1)) || keys.has(name)) return undefined;
    keys.add(name);
  }
  return members.join(',');
}
