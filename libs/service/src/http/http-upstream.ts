import type { ServerResponse } from 'node:http';
import type { ServiceName } from '@bulkhead/contracts/services';
import { DeadlineExceeded } from '@bulkhead/resilience/errors';
import type { Dispatcher } from 'undici';
import { CallerGone, PeerUnavailable } from '../errors';
import { type ServiceTokens, serviceTokenHeader } from '../identity/service-identity';
import type { ForwardOptions, Upstream } from '../service';
import { hopByHopHeaders } from './response-headers';
import { wasNotSent } from './peer-pool';

/** Proxies requests to a peer over HTTP and streams the responses back; nothing is retried here. */
export function createHttpUpstream(peer: ServiceName, pool: Dispatcher, tokens: ServiceTokens): Upstream {
  return {
    async forward(request, response, options) {
      options.headers[serviceTokenHeader] = await tokens.tokenFor(peer);
      const { endWhen } = options;
      // The events have already been emitted and will not be emitted again.
      if (response.destroyed) throw new CallerGone();
      if (endWhen?.aborted) throw new PeerUnavailable(peer, 'not-sent');
      return new Promise<number>((resolve, reject) => {
        const { target, headers, body } = options;
        const forwarder = new ResponseForwarder(peer, response, options, { resolve, reject });
        const method = request.method as Dispatcher.HttpMethod;
        pool.dispatch({ method, path: target, headers, body: body ?? null }, forwarder);
      });
    },
  };
}

/** Maximum size in bytes of a body that is buffered to its end. */
const maxBufferedBytes = 16 * 1024;

interface Outcome {
  resolve(status: number): void;
  reject(error: Error): void;
}

/** One response on its way from a peer to the client. A class, since one is created for every request. */
class ResponseForwarder implements Dispatcher.DispatchHandler {
  readonly #peer: ServiceName;
  readonly #response: ServerResponse;
  readonly #responseHeaders: ForwardOptions['responseHeaders'];
  readonly #endWhen: AbortSignal | undefined;
  readonly #outcome: Outcome;
  readonly #timer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  /** The response's Content-Length; NaN without one. */
  #length = NaN;
  /** A short body that arrived in one piece: its bytes as characters. */
  #whole: string | undefined;
  #settled = false;

  constructor(
    peer: ServiceName,
    response: ServerResponse,
    { timeoutMs, responseHeaders, endWhen }: ForwardOptions,
    outcome: Outcome,
  ) {
    this.#peer = peer;
    this.#response = response;
    this.#responseHeaders = responseHeaders;
    this.#endWhen = endWhen;
    this.#outcome = outcome;
    if (timeoutMs !== undefined)
      this.#timer = setTimeout(() => this.#stop(new DeadlineExceeded()), Math.max(0, timeoutMs));
    response.on('close', this.#onGone);
    endWhen?.addEventListener('abort', this.#onEnd, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error('the client is gone'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    answered: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#length = Number(answered['content-length']);
    this.#response.writeHead(status, merge(answered, this.#responseHeaders));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (chunk.length === this.#length && chunk.length <= maxBufferedBytes) {
      this.#whole = chunk.toString('latin1');
      return;
    }
    if (this.#response.write(chunk)) return;
    controller.pause();
    this.#response.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(problemOf(this.#peer, error));
  }

  readonly #onGone = (): void => {
    if (!this.#response.writableFinished) this.#stop(new CallerGone());
  };

  readonly #onEnd = (): void => {
    if (!this.#response.headersSent) return this.#stop(new PeerUnavailable(this.#peer, 'unknown'));
    this.#finish();
    this.#controller?.abort(new Error('the stream has ended'));
  };

  #finish(): void {
    if (!this.#settle()) return;
    // A string is sent in one piece with the head; bytes would be a second write, about as expensive as the first.
    if (this.#whole === undefined) this.#response.end();
    else this.#response.end(this.#whole, 'latin1');
    this.#outcome.resolve(this.#status);
  }

  #stop(error: Error): void {
    this.#fail(error);
    this.#controller?.abort(error);
  }

  #fail(error: Error): void {
    if (!this.#settle()) return;
    if (this.#response.headersSent) {
      this.#response.destroy();
      this.#outcome.resolve(this.#status);
    } else this.#outcome.reject(error);
  }

  /** @returns false if it is already over */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#response.removeListener('close', this.#onGone);
    this.#endWhen?.removeEventListener('abort', this.#onEnd);
    return true;
  }
}

function merge(
  answered: Record<string, string | string[] | undefined>,
  responseHeaders: Readonly<Record<string, string>>,
): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const name in answered) {
    const value = answered[name];
    if (value !== undefined && !hopByHopHeaders.has(name)) headers[name] = value;
  }
  return Object.assign(headers, responseHeaders);
}

const problemOf = (peer: ServiceName, error: Error): Error =>
  new PeerUnavailable(peer, wasNotSent(error) ? 'not-sent' : 'unknown', { cause: error });
