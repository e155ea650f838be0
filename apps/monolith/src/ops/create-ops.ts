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
  /** Folder of the page's files. */
  readonly pageFolder: string;
}

/** The page at `/ops`: the process's own telemetry, for people without any other tool installed. */
export interface Ops {
  /** The recorder for the services' telemetry. */
  readonly traces: TraceRecorder;
  /** Handles `/ops` and paths below it, and passes everything else to `next`. */
  before(next: Listener, services: readonly ObservedService[]): Listener;
  stop(): void;
}

const samplePeriodMs = 2_000;
/** Minimum interval of database queries for the page, however many pages are open. */
const stateMaxAgeMs = 2_000;
/** Traces of requests, and as many of everything else. */
const shownTraces = 40;
/** A trace that is linked to can be opened for longer than it is listed. */
const keptTraces = 400;

/** @returns undefined in production, where only operators may see this: `/ops` is not found there */
export function createOps({ mode, enabled, pageFolder }: OpsOptions): Ops | undefined {
  if (mode === 'production' || !enabled) return undefined;
  // Startup alone causes hundreds of background traces, which must not displace those of requests.
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
