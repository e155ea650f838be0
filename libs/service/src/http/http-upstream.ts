import type { ServerResponse } from 'node:http';
import type { ServiceName } from '@bulkhead/contracts/services';
import { DeadlineExceeded } from '@bulkhead/resilience/errors';
import type { Dispatcher } from 'undici';
import { CallerGone, PeerUnavailable } from '../errors';
import { type ServiceTokens, serviceTokenHeader } from '../identity/service-identity';
import type { ForwardOptions, Upstream } from '../service';
import { hopByHopHeaders } from './answer-headers';

/** Passes requests on to a peer over HTTP and streams the answers back; nothing is retried here. */
export function createHttpUpstream(peer: ServiceName, pool: Dispatcher, tokens: ServiceTokens): Upstream {
  return {
    async forward(request, response, options) {
      options.headers[serviceTokenHeader] = await tokens.tokenFor(peer);
      return dispatch(peer, pool, request.method as Dispatcher.HttpMethod, response, options);
    },
  };
}

function dispatch(
  peer: ServiceName,
  pool: Dispatcher,
  method: Dispatcher.HttpMethod,
  response: ServerResponse,
  { target, headers, timeoutMs, body, answerHeaders, endWhen }: ForwardOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    // Events of the past: nobody would tell us again.
    if (response.destroyed) return reject(new CallerGone());
    if (endWhen?.aborted) return reject(new PeerUnavailable(peer, 'not-sent'));
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let settled = false;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => stop(new DeadlineExceeded()), Math.max(0, timeoutMs));

    const settle = (outcome: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      response.removeListener('close', onGone);
      endWhen?.removeEventListener('abort', onEnd);
      outcome();
    };
    const stop = (error: Error) => {
      fail(error);
      controller?.abort(error);
    };
    const fail = (error: Error) =>
      settle(() => {
        if (response.headersSent) {
          response.destroy();
          resolve(status);
        } else reject(error);
      });
    const onGone = () => {
      if (!response.writableFinished) stop(new CallerGone());
    };
    response.on('close', onGone);
    const onEnd = () => {
      if (!response.headersSent) return stop(new PeerUnavailable(peer, 'unknown'));
      settle(() => {
        response.end();
        resolve(status);
      });
      controller?.abort(new Error('the stream has ended'));
    };
    endWhen?.addEventListener('abort', onEnd, { once: true });

    pool.dispatch(
      { method, path: target, headers, body: body ?? null },
      {
        onRequestStart(started) {
          controller = started;
          if (settled) started.abort(new Error('the client is gone'));
        },
        onResponseStart(_controller, statusCode, answered) {
          if (statusCode < 200) return;
          status = statusCode;
          response.writeHead(statusCode, merge(answered, answerHeaders));
        },
        onResponseData(paused, chunk) {
          if (response.write(chunk)) return;
          paused.pause();
          response.once('drain', () => paused.resume());
        },
        onResponseEnd() {
          settle(() => {
            response.end();
            resolve(status);
          });
        },
        onResponseError(_controller, error) {
          fail(problemOf(peer, error));
        },
      },
    );
  });
}

function merge(
  answered: Record<string, string | string[] | undefined>,
  answerHeaders: Readonly<Record<string, string>>,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const name in answered) {
    const value = answered[name];
    if (value !== undefined && !hopByHopHeaders.has(name)) headers[name] = value;
  }
  return Object.assign(headers, answerHeaders);
}

const neverConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'EHOSTUNREACH',
]);

function problemOf(peer: ServiceName, error: Error): Error {
  const notSent = neverConnected.has((error as { code?: string }).code ?? '');
  return new PeerUnavailable(peer, notSent ? 'not-sent' : 'unknown', { cause: error });
}
