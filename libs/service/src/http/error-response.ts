import type { Logger } from '@bulkhead/telemetry/logger';
import {
  CallerGone,
  callerGoneStatus,
  isUnexpected,
  type ProblemResponse,
  toProblemResponse,
} from '../errors';
import type { ServedRequest } from './observe-request';

/**
 * The response to a request whose handling failed; the request is counted with its status. An unexpected error is
 * logged.
 * @returns undefined if the caller disconnected
 */
export function errorResponse(
  error: unknown,
  served: ServedRequest,
  logger: Logger,
): ProblemResponse | undefined {
  if (error instanceof CallerGone) {
    served.status = callerGoneStatus;
    return undefined;
  }
  if (isUnexpected(error)) logger.error({ error, route: served.route?.path }, 'request failed');
  const response = toProblemResponse(error, served.requestId);
  served.status = response.status;
  return response;
}
