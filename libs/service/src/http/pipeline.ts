import { deprecationHeaders } from '@bulkhead/contracts/deprecation';
import { type Endpoint, idempotencyKeyPattern } from '@bulkhead/contracts/endpoint';
import { problems } from '@bulkhead/contracts/problem';
import type { ServiceName } from '@bulkhead/contracts/services';
import { isContended } from '@bulkhead/database/errors';
import type { AdmissionQueue } from '@bulkhead/resilience/admission-queue';
import type { Release } from '@bulkhead/resilience/adaptive-limit';
import type { Clock } from '@bulkhead/resilience/clock';
import type { Deadline } from '@bulkhead/resilience/deadline';
import type { Priority } from '@bulkhead/resilience/priority';
import { untilDeadline } from '@bulkhead/resilience/deadline';
import { AdmissionRefused } from '@bulkhead/resilience/errors';
import { type Faults, InjectedFault } from '@bulkhead/resilience/faults';
import { type HttpServerMetrics, rejectionReason } from '@bulkhead/telemetry/http-server-metrics';
import type { Logger } from '@bulkhead/telemetry/logger';
import { callerGoneStatus, isUnexpected, problem, ProblemError, toProblemResponse } from '../errors';
import type { UserTokenVerifier } from '../identity/user-tokens';
import { bearerToken } from '../identity/user-tokens';
import type { ResponseValue, Operation, RequestContext } from './operation';
import { compileValidation, type RawRequest } from './validate';

/** A call from any transport: over HTTP, or from a peer in the same process. */
export interface IncomingCall {
  readonly requestId: string;
  readonly deadline: Deadline;
  /** Authenticated by the transport: with a verified service token, or by the in-process composition. */
  readonly caller: ServiceName;
  readonly params: RawRequest['params'];
  readonly headers: RawRequest['headers'];
  /** Parses the query when the call is admitted. @throws ProblemError */
  query(): RawRequest['query'];
  /** Reads the body when the call is admitted. @throws ProblemError */
  body(): Promise<unknown>;
  /**
   * Part of work that this process has already admitted: it waits once, on entry, and holds a slot until it is done.
   * Waiting again at every hop would take slots away from work that was started.
   */
  readonly admitted: boolean;
  /** Aborts when the caller disconnects. */
  readonly gone: AbortSignal | undefined;
}

export interface PipelineDependencies {
  readonly service: ServiceName;
  readonly users: UserTokenVerifier;
  readonly limit: AdmissionQueue;
  readonly faults: Faults;
  readonly logger: Logger;
  readonly metrics: HttpServerMetrics;
  readonly clock: Clock;
  /**
   * Validates every response against its endpoint's schema: for development and tests, where an invalid response is a
   * 500.
   */
  readonly checkAnswers: boolean;
}

/** An operation ready for calls. */
export interface Pipeline {
  readonly endpoint: Endpoint;
  /** Never throws, every error becomes a response; except for an InjectedFault that breaks the connection. */
  answer(call: IncomingCall): Promise<ResponseValue>;
  /** Runs `work` with the admitted, authenticated, validated request; for streams. @throws what the checks throw */
  admit<T>(
    call: IncomingCall,
    work: (request: Parameters<Operation['handle']>[0], context: RequestContext) => Promise<T>,
  ): Promise<T>;
}

/** The steps of every request of every service, in order: queue or shed, identify, read, validate, handle. */
export function createPipeline(operation: Operation, dependencies: PipelineDependencies): Pipeline {
  const { endpoint } = operation;
  const { access, priority, operationId } = endpoint;
  const { limit, faults, logger, users, metrics } = dependencies;
  const validate = compileValidation(endpoint);
  const notes = deprecationHeaders(endpoint);
  const checkAnswer = dependencies.checkAnswers ? compileResponseCheck(endpoint) : undefined;

  const queue = async (call: IncomingCall): Promise<Release> => {
    if (call.admitted) return limit.enter(operationId);
    try {
      const { deadline, gone } = call;
      return await limit.wait({ priority, kind: operationId, deadline, signal: gone });
    } catch (error) {
      if (error instanceof AdmissionRefused) metrics.rejected('overload');
      throw error;
    }
  };

  const admit: Pipeline['admit'] = async (call, work) => {
    const release = limit.tryAcquire(priority, operationId) ?? (await queue(call));
    let dropped = false;
    let failed = false;
    let begun = false;
    try {
      if (call.deadline.expired()) throw problem('deadline-exceeded');
      authoriseCaller(endpoint, call.caller);
      const user =
        access.kind === 'user' || access.kind === 'role'
          ? await authoriseUser(access, call, users)
          : undefined;
      const perform = async () => {
        const { params, headers } = call;
        const request = validate({ params, query: call.query(), headers, body: await call.body() });
        const context = new CallContext(endpoint, call, user);
        begun = true;
        return await work(request, context);
      };
      if (!faults.enabled) return await perform();
      const context = new CallContext(endpoint, call, user);
      return await faults.around({ kind: 'route', name: endpoint.operationId }, perform, context.signal);
    } catch (error) {
      failed = true;
      dropped = call.deadline.expired();
      const reason = begun || !(error instanceof ProblemError) ? undefined : rejectionReason(error.slug);
      if (reason) metrics.rejected(reason);
      throw error;
    } finally {
      release({ dropped, failed });
    }
  };

  const answer: Pipeline['answer'] = async (call) => {
    try {
      const answer = await untilDeadline(call.deadline, () =>
        admit(call, (request, context) => operation.handle(request, context)),
      );
      checkAnswer?.(answer);
      return answer;
    } catch (error) {
      if (error instanceof InjectedFault && error.breaksConnection) throw error;
      if (isContended(error)) logger.warn({ error, route: endpoint.path }, 'statement timed out');
      if (!isUnexpected(error)) {
        const answer = toProblemResponse(error, call.requestId);
        if (answer.status === 504 && call.deadline.expired()) metrics.deadlineExceeded();
        return answer;
      }
      if (call.gone?.aborted && error === call.gone.reason) return { status: callerGoneStatus };
      logger.error({ error, route: endpoint.path }, 'request failed');
      return toProblemResponse(error, call.requestId);
    }
  };

  if (!notes) return { endpoint, admit, answer };
  return {
    endpoint,
    admit,
    async answer(call) {
      const answered = await answer(call);
      return { ...answered, headers: { ...notes, ...answered.headers } };
    },
  };
}

function authoriseCaller(endpoint: Endpoint, caller: ServiceName): void {
  const { access } = endpoint;
  const allowed =
    access.kind === 'service'
      ? access.callers.includes(caller)
      : access.kind === 'public' || caller === 'gateway';
  if (!allowed) throw problem('forbidden', 'This service is not allowed to call this endpoint.');
}

async function authoriseUser(access: Endpoint['access'], call: IncomingCall, users: UserTokenVerifier) {
  const token = bearerToken(call.headers['authorization']);
  const user = users.known(token) ?? (await users.verify(token));
  if (access.kind === 'role' && !user.roles.includes(access.role))
    throw problem('forbidden', `This requires the ${access.role} role.`);
  return user;
}

/** A handler's view of its call. A class, since one is created for every request: a literal with a getter is slow. */
class CallContext implements RequestContext {
  readonly requestId: string;
  readonly deadline: Deadline;
  readonly caller: ServiceName;
  readonly user: RequestContext['user'];
  readonly userToken: string | undefined;
  readonly idempotencyKey: string | undefined;
  readonly clientAddress: string | undefined;
  readonly priority: Priority;
  readonly #call: IncomingCall;

  constructor(endpoint: Endpoint, call: IncomingCall, user: RequestContext['user']) {
    const { headers } = call;
    this.#call = call;
    this.requestId = call.requestId;
    this.deadline = call.deadline;
    this.caller = call.caller;
    this.user = user;
    this.userToken = user ? headers['authorization']?.slice('Bearer '.length) : undefined;
    this.idempotencyKey = idempotencyKey(endpoint, headers['idempotency-key']);
    this.clientAddress = headers['x-client-address'];
    this.priority = endpoint.priority;
  }

  get signal(): AbortSignal {
    const { gone, deadline } = this.#call;
    return gone ? AbortSignal.any([deadline.signal, gone]) : deadline.signal;
  }

  header(name: string): string | undefined {
    return this.#call.headers[name];
  }
}

function idempotencyKey(endpoint: Endpoint, header: string | undefined): string | undefined {
  if (!endpoint.idempotencyKey) return undefined;
  if (header === undefined) {
    if (endpoint.idempotencyKey === 'required') throw problem('idempotency-key-required');
    return undefined;
  }
  if (!idempotencyKeyPattern.test(header))
    throw problem('invalid-request', {
      errors: [
        {
          pointer: '/headers/idempotency-key',
          detail: 'must be 1–255 visible ASCII characters other than quotes',
        },
      ],
    });
  return header.replaceAll('"', '');
}

function compileResponseCheck(endpoint: Endpoint): (answer: ResponseValue) => void {
  const promisedProblems = new Set<number>(endpoint.problems?.map((slug) => problems[slug].status));
  return ({ status, body }) => {
    const promised = endpoint.responses[status];
    if (!promised) {
      // A stored problem, sent again unchanged (Idempotency-Key).
      if (Buffer.isBuffer(body) && promisedProblems.has(status)) return;
      throw new Error(`${endpoint.operationId} answered ${status}, which its contract does not know`);
    }
    if (!promised.schema) return;
    const sent = Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body);
    const result = promised.schema.safeParse(JSON.parse(sent));
    if (!result.success)
      throw new Error(`${endpoint.operationId} answered against its contract: ${result.error.message}`);
  };
}
