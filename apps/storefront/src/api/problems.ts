import type { ProblemSlug } from '@bulkhead/contracts/problem';
import type { Explanation, Texts } from '../language/en';

/** An error response of the API (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly slug: ProblemSlug;
  readonly status: number;
  readonly detail: string | undefined;
  /** All members of the problem, including extensions of RFC 9457. */
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

/** A proxy in front of the shop may respond without a problem. */
const slugOf = (status: number, type: unknown): ProblemSlug => {
  if (typeof type === 'string') return type.slice(type.lastIndexOf(':') + 1) as ProblemSlug;
  if (status === 401) return 'unauthenticated';
  if (status === 404) return 'not-found';
  if (status === 429) return 'rate-limited';
  return status >= 502 ? 'unavailable' : 'internal';
};

export const isProblem = (error: unknown, ...slugs: readonly ProblemSlug[]): error is ApiProblem =>
  error instanceof ApiProblem && slugs.includes(error.slug);

/** Whether the same request may succeed later. */
export const isTemporary = (error: unknown): boolean =>
  error instanceof Unreachable ||
  (error instanceof ApiProblem && (error.status >= 500 || error.slug === 'rate-limited'));

/** @param what the part of the shop that was called, to start a sentence: `The catalog` */
export function explain(error: unknown, what: string, { problems }: Texts): Explanation {
  if (error instanceof Unreachable) return problems.unreachable(what);
  if (!(error instanceof ApiProblem)) return problems.ownFault(what);
  const known = problems.known[error.slug];
  if (known) return known;
  if (error.status >= 500) return problems.unavailable(what);
  return problems.refused(error.slug, error.detail ?? error.message);
}
