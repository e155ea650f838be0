import type {
  OutOfStockProblem,
  PaymentDeclinedProblem,
  PriceChangedProblem,
  Problem,
  ProblemType,
} from './api-types';

type SlugIn<T extends string> = T extends `urn:bulkhead:problem:${infer Slug}` ? Slug : never;

/** The last part of a problem's `type`, as `out-of-stock`. */
export type ProblemSlug = SlugIn<ProblemType>;

/** Problems that have members of their own. */
interface SpecialProblems {
  readonly 'out-of-stock': OutOfStockProblem;
  readonly 'price-changed': PriceChangedProblem;
  readonly 'payment-declined': PaymentDeclinedProblem;
}

export type ProblemOf<S extends ProblemSlug> = S extends keyof SpecialProblems ? SpecialProblems[S] : Problem;

const prefix = 'urn:bulkhead:problem:';

/** The shop refused a request, or could not carry it out (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly headers: Headers;
  /** As it came; without a problem in the body, one that says the status. */
  readonly problem: Problem;

  constructor(status: number, headers: Headers, problem: Problem) {
    super(problem.detail ?? problem.title);
    this.status = status;
    this.headers = headers;
    this.problem = problem;
  }

  /** May be of a release after this client's. */
  get slug(): string {
    return this.problem.type.replace(prefix, '');
  }

  /** Names the request in the shop's logs and traces. */
  get requestId(): string | undefined {
    return this.problem.instance ?? this.headers.get('x-request-id') ?? undefined;
  }

  /** Is it this kind of problem? Then `problem` has its members. */
  is<S extends ProblemSlug>(slug: S): this is ProblemError & { readonly problem: ProblemOf<S> } {
    return this.slug === slug;
  }
}

/** No response came: the shop cannot be reached, or took too long. Whether it acted is not known. */
export class ShopUnreachable extends Error {
  override readonly name = 'ShopUnreachable';
}
