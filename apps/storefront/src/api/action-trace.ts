/**
 * Names what a person does, so that all that the shop does for it can be found together: requests of one action carry
 * one trace id (W3C Trace Context), until the person presses, types or goes on. The page records nothing itself, hence
 * the flag 00; the gateway begins a trace of its own, which is linked to this one.
 * @param actions where the person's events arrive
 * @returns makes the `traceparent` of a request
 */
export function createActionTrace(actions: Pick<EventTarget, 'addEventListener'>): () => string {
  let traceId = randomHex(16);
  for (const event of ['pointerdown', 'keydown', 'popstate'])
    actions.addEventListener(event, () => (traceId = randomHex(16)), { capture: true, passive: true });
  return () => `00-${traceId}-${randomHex(8)}-00`;
}

/** Never all zero, which would be no id. */
function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  random[0]! |= 1;
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
