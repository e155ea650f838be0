import type { ProblemSlug } from '@bulkhead/contracts/problem';

/** An error that the API answered with (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly slug: ProblemSlug;
  readonly status: number;
  readonly detail: string | undefined;
  /** All members of the problem, those beyond RFC 9457 included. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, members: Readonly<Record<string, unknown>>, retryAfter: string | null) {
    const { type, title, detail } = members;
    super(typeof title === 'string' ? title : `The shop responded with ${status}`);
    this.slug = slugOf(status, type);
    this.status = status;
    this.detail = typeof detail === 'string' ? detail : undefined;
    this.members = members;
    this.retryAfterMs =
      retryAfter !== null && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined;
  }
}

/** No response: the request may or may not have arrived. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** What is in front of the shop may respond without a problem. */
const slugOf = (status: number, type: unknown): ProblemSlug => {
  if (typeof type === 'string') return type.slice(type.lastIndexOf(':') + 1) as ProblemSlug;
  if (status === 401) return 'unauthenticated';
  if (status === 404) return 'not-found';
  if (status === 429) return 'rate-limited';
  return status >= 502 ? 'unavailable' : 'internal';
};

export const isProblem = (error: unknown, ...slugs: readonly ProblemSlug[]): error is ApiProblem =>
  error instanceof ApiProblem && slugs.includes(error.slug);

/** A sentence on what happened, and one on what to do next. */
export interface Explanation {
  readonly happened: string;
  readonly next: string;
}

/** Problems that mean the same wherever they occur. */
const explanations: Partial<Record<ProblemSlug, Explanation>> = {
  unauthenticated: { happened: 'You are signed out.', next: 'Sign in again to go on.' },
  'invalid-token': { happened: 'Your session has ended.', next: 'Sign in again to go on.' },
  'invalid-credentials': {
    happened: 'The email address or the password is wrong.',
    next: 'Check both, or have a link sent to set a new password.',
  },
  'rate-limited': { happened: 'That was too often in a short time.', next: 'Wait a moment, then try again.' },
  overloaded: { happened: 'The shop is very busy.', next: 'Try again in a few seconds.' },
  'not-found': { happened: 'There is nothing here.', next: 'Go back to the catalog.' },
  'not-cancellable': {
    happened: 'This order can no longer be cancelled.',
    next: 'Its present state is shown above.',
  },
};

/**
 * @param what the part of the shop that was asked, as the beginning of a sentence: `The catalog`
 */
export function explain(error: unknown, what: string): Explanation {
  if (error instanceof Unreachable)
    return { happened: `${what} could not be reached.`, next: 'Check your connection, then try again.' };
  if (!(error instanceof ApiProblem))
    return { happened: `${what} failed in this page.`, next: 'Load the page again.' };
  const known = explanations[error.slug];
  if (known) return known;
  if (error.status >= 500)
    return {
      happened: `${what} is unavailable at the moment.`,
      next: 'The rest of the shop works. Try again in a few seconds.',
    };
  return {
    happened: `${error.detail ?? error.message}.`.replace(/\.\.$/, '.'),
    next: 'Change it, then try again.',
  };
}
