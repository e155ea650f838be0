/**
 * Identifies a user action, so that everything the shop does for it can be found together: the requests of one action
 * share a trace id (W3C Trace Context), until the person presses, types or navigates again. The page records no spans
 * itself, hence the flag 00; the gateway starts a trace of its own, which is linked to this one.
 * @param actions where the person's events arrive
 * @returns a function that creates the `traceparent` of a request
 */
export function createActionTrace(actions: Pick<EventTarget, 'addEventListener'>): () => string {
  let traceId = randomHex(16);
  for (const event of ['pointerdown', 'keydown', 'popstate'])
    actions.addEventListener(event, () => (traceId = randomHex(16)), { capture: true, passive: true });
  return () => `00-${traceId}-${randomHex(8)}-00`;
}

/** Never all zeros, which would be an invalid id. */
function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  random[0]! |= 1;
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
