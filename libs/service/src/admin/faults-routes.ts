import { createHash, timingSafeEqual } from 'node:crypto';
import { type Faults } from '@bulkhead/resilience/faults';
import express, { type Request, type Response, type Router } from 'express';
import type { z } from 'zod';
import { ProblemError, problem, toProblemResponse } from '../errors';
import { randomIds } from '../ids';
import { FaultsBody } from './faults-schema';

export interface FaultsRoutesOptions {
  readonly faults: Faults;
  /** The admin credential, sent as `Authorization: Bearer …`. */
  readonly adminToken: string | undefined;
}

const bodyLimit = '64kb';

/**
 * `PUT /faults` replaces all faults, `GET` lists them with their remaining time, `DELETE` ends them. Errors are RFC
 * 9457 problems. The routes do not exist if fault injection is off.
 */
export function createFaultsRoutes({ faults, adminToken }: FaultsRoutesOptions): Router {
  const router = express.Router();
  const answer =
    (work: (request: Request, response: Response) => void) => (request: Request, response: Response) => {
      try {
        if (!faults.enabled) throw problem('not-found', 'Fault injection is disabled. Start with FAULTS=on.');
        authorise(request.headers.authorization, adminToken);
        work(request, response);
      } catch (error) {
        writeProblem(error, response);
      }
    };
  const list = (response: Response) =>
    void response.set('cache-control', 'no-store').json({ faults: faults.list() });

  router.get(
    '/faults',
    answer((_request, response) => list(response)),
  );
  router.delete(
    '/faults',
    answer((_request, response) => {
      faults.set([]);
      response.status(204).end();
    }),
  );
  router.put(
    '/faults',
    express.json({ limit: bodyLimit, strict: false }),
    answer((request, response) => {
      faults.set(readRules(request.body));
      list(response);
    }),
  );
  router.all(
    '/faults',
    answer(() => {
      throw problem('method-not-allowed', { headers: { allow: 'GET, PUT, DELETE' } });
    }),
  );
  router.use('/faults', (error: unknown, _request: Request, response: Response, _next: unknown) => {
    const status = (error as { status?: number }).status;
    writeProblem(status === undefined || status >= 500 ? error : problem('malformed-request'), response);
  });
  return router;
}

function readRules(body: unknown) {
  const parsed = FaultsBody.safeParse(body);
  if (parsed.success) return parsed.data.faults;
  throw problem('invalid-request', { errors: parsed.error.issues.map(asDetail) });
}

const asDetail = ({ path, message }: z.core.$ZodIssue) => ({
  pointer: `/${path.map(String).join('/')}`,
  detail: message,
});

const digest = (text: string) => createHash('sha256').update(text).digest();

function authorise(header: string | undefined, adminToken: string | undefined): void {
  const given = /^Bearer (\S+)$/i.exec(header ?? '')?.[1];
  // Digests have the same length for any input.
  if (given !== undefined && adminToken !== undefined && timingSafeEqual(digest(given), digest(adminToken)))
    return;
  throw problem('unauthenticated', {
    detail: 'The admin token is missing or incorrect.',
    headers: { 'www-authenticate': 'Bearer realm="admin"' },
  });
}

function writeProblem(error: unknown, response: Response): void {
  const cause = error instanceof RangeError ? problem('invalid-request', `${error.message}.`) : error;
  const { status, headers, body } = toProblemResponse(
    cause instanceof ProblemError ? cause : problem('internal'),
    randomIds.next(),
  );
  response.status(status).set(headers).type('application/problem+json').send(JSON.stringify(body));
}
