import type { IncomingMessage, ServerResponse } from 'node:http';
import { needsLiveSession } from '@bulkhead/contracts/endpoint';
import type { AdmissionQueue } from '@bulkhead/resilience/admission-queue';
import type { Release } from '@bulkhead/resilience/adaptive-limit';
import { deadlineAfter, deadlineHeader } from '@bulkhead/resilience/deadline';
import { CallerGone } from '@bulkhead/service/errors';
import { endWithClient } from '@bulkhead/service/http/half-close';
import { servedRequest } from '@bulkhead/service/http/observe-request';
import { requestIdHeader } from '@bulkhead/service/http/request-id';
import type { RequestHandler } from 'express';
import { forwardedHeaders } from './forwarded-headers';
import type { GatewayParts } from './gateway-parts';
import type { FollowedSession } from './live-sessions';
import { requestContextOf } from './request-context';
import type { Route } from './routes';
import type { GuardedUpstream } from './upstreams';

/** Forwards a request to its service, once it is complete, its session is live and a slot is free. */
export function forward(route: Route, parts: GatewayParts): RequestHandler {
  const shedder = parts.shedders.get(route.service);
  const upstream = parts.upstreams.get(route.service);
  if (!shedder || !upstream) throw new Error(`the gateway knows no ${route.service}`);
  const pass = passTo(route, shedder, upstream, parts);
  return (request, response) => {
    const served = servedRequest(response);
    const handled = pass(request, response).then((status) => void (served.status = status));
    served.handled = handled;
    return handled;
  };
}

/** @returns a function that resolves with the status of the response */
function passTo(
  route: Route,
  shedder: AdmissionQueue,
  upstream: GuardedUpstream,
  parts: GatewayParts,
): (request: IncomingMessage, response: ServerResponse) => Promise<number> {
  const { endpoint } = route;
  const { config, sessions, bodies } = parts;
  const { clock, shutdown } = parts.dependencies;
  const { priority, operationId: kind, stream = false } = endpoint;
  return async (request, response) => {
    const { requestId } = servedRequest(response);
    const { user, address, headers: responseHeaders } = requestContextOf(response);
    const target = request.url!;
    // A slow client only delays itself: no slot is taken before its request is complete.
    const body = await bodies.read(request, endpoint);
    let release: Release | undefined;
    let dropped = false;
    let failed = false;
    let session: FollowedSession | undefined;
    try {
      const begunAt = clock.monotonic();
      // Before a slot is taken: a slow auth must not occupy other services' slots.
      if (user && needsLiveSession(endpoint)) await sessions.require(user, endpoint, requestId);
      if (user && stream) session = await sessions.follow(user, requestId);
      release =
        shedder.tryAcquire(priority, kind) ?? (await waitForPlace(shedder, route, response, parts, begunAt));

      const headers = forwardedHeaders(request);
      headers[requestIdHeader] = requestId;
      headers['x-client-address'] = address;
      const timeoutMs = stream
        ? undefined
        : Math.max(1, Math.floor(config.REQUEST_DEADLINE_MS - (clock.monotonic() - begunAt)));
      if (body) headers['content-length'] = String(body.length);
      else delete headers['content-length'];
      if (timeoutMs !== undefined) headers[deadlineHeader] = String(timeoutMs);
      responseHeaders['x-request-id'] = requestId;
      if (stream) {
        endWithClient(response);
        // As in the bulkhead: a stream stays open without a limit, and a few would leave no slots for other requests.
        release({ ignored: true });
      }
      const status = await upstream.forward(request, response, {
        endpoint,
        target,
        headers,
        timeoutMs,
        body,
        responseHeaders,
        priority,
        stream,
        ...(stream ? { endWhen: session ? AbortSignal.any([shutdown, session.ended]) : shutdown } : {}),
      });
      failed = status >= 400;
      return status;
    } catch (error) {
      failed = true;
      dropped = isOverdue(error);
      throw error;
    } finally {
      session?.leave();
      bodies.release(body);
      release?.({ dropped, failed });
    }
  };
}

/** Waits until the client disconnects, or its deadline passes. @throws what AdmissionQueue.wait throws */
async function waitForPlace(
  shedder: AdmissionQueue,
  { endpoint: { priority, operationId: kind, stream } }: Route,
  response: ServerResponse,
  { config, dependencies: { clock } }: GatewayParts,
  begunAt: number,
): Promise<Release> {
  const gone = new AbortController();
  const onClose = () => gone.abort(new CallerGone());
  if (response.destroyed) onClose();
  else response.once('close', onClose);
  const spentMs = clock.monotonic() - begunAt;
  const deadline = deadlineAfter(clock, stream ? Infinity : config.REQUEST_DEADLINE_MS - spentMs);
  try {
    return await shedder.wait({ priority, kind, deadline, signal: gone.signal });
  } finally {
    response.off('close', onClose);
  }
}

export const isOverdue = (error: unknown): boolean => (error as Error).name === 'DeadlineExceeded';
