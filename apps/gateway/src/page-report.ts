import { defineEndpoint } from '@bulkhead/contracts/endpoint';
import { parseJsonBody } from '@bulkhead/service/http/read-request';
import { compileValidation } from '@bulkhead/service/http/validate';
import { servedRequest } from '@bulkhead/service/http/observe-request';
import { writeResponse } from '@bulkhead/service/http/write-response';
import type { Metrics } from '@bulkhead/telemetry/metrics';
import type { RequestHandler } from 'express';
import { z } from 'zod';
import { requestContextOf } from './request-context';
import type { RequestBodies } from './request-bodies';

const milliseconds = z.number().min(0).max(600_000).optional();
const count = z.int().min(0).max(1_000).optional();

const PageReport = z.object({
  vitals: z.strictObject({ lcp: milliseconds, inp: milliseconds, ttfb: milliseconds }),
  layoutShift: z.number().min(0).max(100).optional(),
  errors: z.strictObject({ script: count, promise: count }),
});

/**
 * Measurements of the storefront's pages, sent once at the end of a visit. Only for these pages, and therefore not in
 * the API's document.
 */
export const pageReport = defineEndpoint({
  operationId: 'reportPage',
  method: 'post',
  path: '/api/v1/page-reports',
  summary: 'Report how a visit went',
  tag: 'pages',
  access: { kind: 'public' },
  priority: 'browse',
  bodyLimit: 1024,
  body: PageReport,
  responses: { 204: { description: 'Counted' } },
});

const vitals = ['lcp', 'inp', 'ttfb'] as const;
const kinds = ['script', 'promise'] as const;
type PageReport = z.output<typeof PageReport>;

/** @returns counts a report; its labels are declared, whatever a page sends */
export function createPageMetrics(metrics: Metrics): (report: PageReport) => void {
  const durations = metrics.histogram({
    name: 'page_vital_seconds',
    help: 'Core Web Vitals of visits to the storefront, as browsers measured them: largest contentful paint, interaction to next paint, time to first byte.',
    labels: { vital: vitals },
    buckets: [0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 1.2, 1.8, 2.5, 4, 10],
  });
  const shifts = metrics.histogram({
    name: 'page_layout_shift_ratio',
    help: 'Cumulative layout shift of visits to the storefront, as browsers measured it: share of the window times distance.',
    buckets: [0.01, 0.05, 0.1, 0.15, 0.25, 0.5, 1],
  });
  const errors = metrics.counter({
    name: 'page_errors_total',
    help: 'Errors in pages of the storefront that no code expected, as browsers reported them.',
    labels: { kind: kinds },
  });
  for (const kind of kinds) errors.declare({ kind });
  return (report) => {
    for (const vital of vitals) {
      const measured = report.vitals[vital];
      if (measured !== undefined) durations.observe({ vital }, measured / 1000);
    }
    if (report.layoutShift !== undefined) shifts.observe({}, report.layoutShift);
    for (const kind of kinds) errors.add({ kind }, report.errors[kind] ?? 0);
  };
}

/** Receives a report. It counts like any other request of a client, and no service behind the gateway is called. */
export function takePageReport(record: (report: PageReport) => void, bodies: RequestBodies): RequestHandler {
  const validate = compileValidation(pageReport);
  const take = async (...[request, response]: Parameters<RequestHandler>) => {
    const bytes = await bodies.read(request, pageReport);
    try {
      const body = parseJsonBody(bytes, request.headers['content-type']);
      record(validate({ params: {}, query: {}, headers: {}, body }).body as unknown as PageReport);
    } finally {
      bodies.release(bytes);
    }
    const { headers } = requestContextOf(response);
    writeResponse(response, { status: 204, headers }, servedRequest(response).requestId, false);
  };
  return (request, response, next) => void take(request, response, next).catch(next);
}
