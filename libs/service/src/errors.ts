import { type Problem, problems, type ProblemSlug, problemType } from '@bulkhead/contracts/problem';
import { isContended, isUnavailable } from '@bulkhead/database/errors';
import { InjectedFault, injectedFaultOf } from '@bulkhead/resilience/faults';
import {
  AdmissionRefused,
  AttemptTimeout,
  BreakerOpen,
  BulkheadFull,
  DeadlineExceeded,
} from '@bulkhead/resilience/errors';

export interface ProblemDetails {
  /** What happened this time, for the reader of the response; names no internals. */
  readonly detail?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** Further members of the problem (RFC 9457 §3.2). */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error with a stable slug. Use cases throw it; only the HTTP edge turns it into a status. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly slug: ProblemSlug;
  readonly details: ProblemDetails;

  constructor(slug: ProblemSlug, details: ProblemDetails = {}) {
    super(details.detail ?? problems[slug].title);
    this.slug = slug;
    this.details = details;
  }
}

/** The error with a slug, for `throw problem('not-found')`. */
export const problem = (slug: ProblemSlug, details: ProblemDetails | string = {}): ProblemError =>
  new ProblemError(slug, typeof details === 'string' ? { detail: details } : details);

export interface ProblemResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
}

/** Maps any error to a response for clients: an error that is not a ProblemError reveals nothing. */
export function toProblemResponse(error: unknown, requestId: string): ProblemResponse {
  const { slug, details } = asProblem(error);
  const { title, status } = { ...problems[slug], ...statusOf(faultOf(error)) };
  return {
    status,
    headers: details.headers ?? {},
    body: {
      ...details.extensions,
      type: problemType(slug),
      title,
      status,
      ...(details.detail === undefined ? {} : { detail: details.detail }),
      instance: requestId,
      ...(details.errors === undefined ? {} : { errors: [...details.errors] }),
    },
  };
}

/** An injected fault is reported with its own status. */
const statusOf = (fault: InjectedFault | undefined) => (fault ? { status: fault.status } : undefined);

/** If Prisma wrapped a broken connection, it is treated like any other broken connection. */
const faultOf = (error: unknown): InjectedFault | undefined => {
  const fault = injectedFaultOf(error);
  return fault?.breaksConnection && !(error instanceof InjectedFault) ? undefined : fault;
};

/** Whether the response is a 500, and the error is therefore logged with its stack. */
export const isUnexpected = (error: unknown): boolean =>
  (faultOf(error)?.status ?? problems[asProblem(error).slug].status) === 500;

function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof DeadlineExceeded || error instanceof AttemptTimeout)
    return problem('deadline-exceeded');
  if (error instanceof AdmissionRefused)
    return problem('overloaded', {
      headers: { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) },
    });
  if (error instanceof BreakerOpen)
    return problem('unavailable', {
      headers: { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) },
    });
  if (error instanceof BulkheadFull) return problem('unavailable', { headers: { 'retry-after': '1' } });
  if (error instanceof PeerProblem && (error.status === 502 || error.status === 503))
    return problem('unavailable', { headers: { 'retry-after': error.retryAfter ?? '1' } });
  if (error instanceof PeerProblem && error.status === 504) return problem('deadline-exceeded');
  if (error instanceof PeerUnavailable || isDependencyDown(error))
    return problem('unavailable', { headers: { 'retry-after': '1' } });
  return problem('internal');
}

/** Retryable: the database is unavailable or overloaded. */
const isDependencyDown = (error: unknown): boolean =>
  !faultOf(error) && (isUnavailable(error) || isContended(error));

/** The caller disconnected: nobody reads the response, and it says nothing about the peer. */
export class CallerGone extends Error {
  /** Recognised by isCancellation. */
  override readonly name = 'AbortError';
  constructor() {
    super('The caller is gone');
  }
}

/** The status counted for a request whose caller disconnected; never sent. Introduced by nginx. */
export const callerGoneStatus = 499;

/** A peer responded with a problem. */
export class PeerProblem extends Error {
  override readonly name = 'PeerProblem';
  readonly peer: string;
  readonly status: number;
  /** The slug of the problem's type, or undefined if the response was not one of our problems. */
  readonly slug: ProblemSlug | undefined;
  readonly problem: Problem | undefined;
  /** `Retry-After` in seconds, as sent. */
  readonly retryAfter: string | undefined;

  constructor(peer: string, status: number, body: Problem | undefined, retryAfter?: string) {
    super(`${peer} answered ${status}${body ? ` ${body.type}` : ''}`);
    this.peer = peer;
    this.status = status;
    this.problem = body;
    this.retryAfter = retryAfter;
    const slug = body?.type.replace(problemType('' as ProblemSlug), '');
    this.slug = slug !== undefined && slug in problems ? (slug as ProblemSlug) : undefined;
  }
}

/** A peer could not be called, or did not respond in time. */
export class PeerUnavailable extends Error {
  override readonly name = 'PeerUnavailable';
  readonly peer: string;
  /** 'not-sent': the peer certainly did nothing. 'unknown': it may have acted. */
  readonly outcome: 'not-sent' | 'unknown';

  constructor(peer: string, outcome: 'not-sent' | 'unknown', options?: ErrorOptions) {
    super(`${peer} is unavailable (${outcome})`, options);
    this.peer = peer;
    this.outcome = outcome;
  }
}
