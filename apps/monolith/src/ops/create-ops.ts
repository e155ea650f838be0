import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ProcessConfig } from '@bulkhead/service/runtime/base-config';
import { version } from '@bulkhead/service/runtime/version';
import {
  createTraceRecorder,
  type RecordedTrace,
  type TraceRecorder,
} from '@bulkhead/telemetry/trace-recorder';
import { createPage } from './page-files';
import { createRequestHistory, type ObservedService } from './request-history';
import { readShopState, type ShopState } from './shop-state';
import { viewTrace } from './trace-view';

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export interface OpsOptions {
  readonly mode: ProcessConfig['NODE_ENV'];
  readonly enabled: boolean;
  /** Where the files of the page are. */
  readonly pageFolder: string;
}

/** The page at `/ops`: what the process knows of itself, for people who have nothing else installed. */
export interface Ops {
  /** What the services' telemetry is to feed. */
  readonly traces: TraceRecorder;
  /** Answers `/ops` and what is under it, and leaves the rest to `next`. */
  before(next: Listener, services: readonly ObservedService[]): Listener;
  stop(): void;
}

const samplePeriodMs = 2_000;
/** What has to be asked of databases is not asked more often, however many pages are open. */
const stateMaxAgeMs = 2_000;
/** Of requests, and as many of everything else. */
const shownTraces = 40;
/** One that a link leads to is found for longer than it is listed. */
const keptTraces = 400;

/** @returns undefined in production, where nobody but the operators may know all this: `/ops` is then unknown there */
export function createOps({ mode, enabled, pageFolder }: OpsOptions): Ops | undefined {
  if (mode === 'production' || !enabled) return undefined;
  // A start alone makes hundreds of traces in the background; requests are not to be pushed out by them.
  const traces = createTraceRecorder({
    maxTraces: keptTraces,
    reserveFor: ({ service, kind }) => service === 'gateway' && kind === 'server',
  });
  const page = createPage(pageFolder);
  let timer: NodeJS.Timeout | undefined;

  return {
    traces,
    before(next, services) {
      const history = createRequestHistory(services, Date.now);
      const sample = () => void history.sample().catch(() => undefined);
      sample();
      timer = setInterval(sample, samplePeriodMs).unref();
      let state: { readonly at: number; readonly value: Promise<ShopState> } | undefined;
      const currentState = () => {
        if (!state || Date.now() - state.at > stateMaxAgeMs)
          state = { at: Date.now(), value: readShopState(services) };
        return state.value;
      };
      const data = async (asked: string | null) => ({
        at: Date.now(),
        version,
        timeline: history.timeline(),
        routes: await history.routes(),
        ...(await currentState()),
        traces: newest(traces.traces(), asked).map(viewTrace),
      });

      return (request, response) => {
        const [pathname = '/', query] = (request.url ?? '/').split('?', 2);
        if (pathname === '/ops/data')
          data(new URLSearchParams(query).get('trace')).then(
            (known) => page.sendJson(request, response, known),
            () => response.writeHead(500).end(),
          );
        else if (!page.send(pathname, request, response)) next(request, response);
      };
    },
    stop: () => clearInterval(timer),
  };
}

function newest(traces: readonly RecordedTrace[], asked: string | null): RecordedTrace[] {
  let requests = 0;
  let others = 0;
  return traces.filter(
    ({ traceId, isReserved }) => (isReserved ? requests++ : others++) < shownTraces || traceId === asked,
  );
}
