import { type Context, context, createContextKey } from '@opentelemetry/api';

/** Context of the current work in addition to its span. */
export interface Scope {
  /** The tracing of the service that does the work: several may run in one process. */
  readonly owner: object;
  readonly requestId: string | undefined;
}

const scopeKey = createContextKey('bulkhead scope');

export const currentScope = (active: Context = context.active()): Scope | undefined =>
  active.getValue(scopeKey) as Scope | undefined;

/**
 * Whether this context belongs to the owner's own work or to no service. In one process it may come from another
 * service.
 */
export const isOwnWork = (owner: object, active: Context = context.active()): boolean =>
  (currentScope(active)?.owner ?? owner) === owner;

export const withScope = (active: Context, scope: Scope): Context => active.setValue(scopeKey, scope);

/** In the context of a new trace: it is sampled in head mode regardless of its id. */
export const alwaysSample = createContextKey('bulkhead always sample');
