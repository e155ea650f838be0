import { createCaller } from './caller';
import { observe } from './observed';
import { provokeRefusals } from './refusals';
import { fuzz } from './schemathesis';
import { walkShop } from './shop-walk';
import type { WalkOptions } from './walk/walker';

export interface Options extends WalkOptions {
  readonly origin: string;
  /** Path of the Schemathesis program. */
  readonly program: string;
  /** For its reports. */
  readonly folder: string;
  readonly seed: number;
  readonly examples: number;
  /** Prints a line. */
  say(this: void, line: string): void;
  /** Aborts when the run is to end before it is over. */
  readonly signal?: AbortSignal;
}

/** Statuses that this run cannot bring about: its limits are raised, and slow senders have a test of their own. */
const beyondReach = (id: string, status: number): boolean =>
  status === 408 ||
  status === 429 ||
  // Whoever is erased has no session, which these need: it takes a request between the two.
  (['exportData', 'changePassword'].includes(id) && status === 404) ||
  // A person is forgotten entirely three months after they asked for it, long after their last token.
  (id === 'requestErasure' && status === 404);
/** What would end the session or the account that the fuzzer goes by; the walk has used it. */
const ending = ['requestErasure', 'changePassword', 'revokeSession', 'revokeSessions'];
const streams = ['streamOrder', 'streamNotifications'];

/**
 * Compares a running shop with the API document that it serves: a walk through all operations, refusals that all have in
 * common, then Schemathesis as a customer and as an admin. @returns the counts, after a line for each fault
 */
export async function testApi(options: Options): Promise<{ passed: number; failed: number }> {
  const document: unknown = await (await fetch(`${options.origin}/api/v1/openapi.json`)).json();
  const observed = observe(document);
  const faults: string[] = [];
  const call = createCaller(options.origin, observed, faults);
  const walked = await walkShop(call, options).catch((error: unknown) => {
    // What was answered wrongly before is most likely why it could not go on.
    for (const fault of faults) options.say(fault);
    throw error;
  });
  await provokeRefusals(observed, call, { user: walked.userToken, admin: walked.adminToken });
  options.say(
    `walk: ${faults.length === 0 ? 'every answer is as documented' : `${faults.length} contradictions`}`,
  );

  let passed = 0;
  const common = { ...options, excluded: [...streams, ...ending] };
  for (const run of [
    { name: 'customer', token: walked.userToken, params: walked.params },
    { name: 'admin', token: walked.adminToken, params: {} },
  ]) {
    const found = await fuzz({ ...common, ...run }, observed);
    if (found === undefined) passed += 1;
    else faults.push(`as ${run.name}:\n${found}`);
  }

  for (const { id, statuses } of observed.operations) {
    const seen = observed.statusesOf(id);
    const needed = statuses.filter((status) => status >= 400 && status < 500 && !beyondReach(id, status));
    const missing = needed.filter((status) => !seen.has(status)).map(String);
    if (![...seen].some((status) => status >= 200 && status < 300)) missing.unshift('2xx');
    if ([...seen].some((status) => status >= 500))
      faults.push(`${id} answered ${[...seen].filter((status) => status >= 500).join(', ')}`);
    passed += needed.length + 1 - missing.length;
    faults.push(...missing.map((status) => `${id} is documented to answer ${status}, but never did`));
  }
  for (const fault of faults) options.say(fault);
  return { passed, failed: faults.length };
}
