import { type Context, context, createContextKey } from '@opentelemetry/api';

/** What is known about the work in progress beside its span. */
export interface Scope {
  /** The tracing of the service that does it: several may run in one process. */
  readonly owner: object;
  readonly requestId: string | undefined;
}

const scopeKey = createContextKey('bulkhead scope');

export const currentScope = (active: Context = context.active()): Scope | undefined =>
  active.getValue(scopeKey) as Scope | undefined;

/** Is this a context of the owner's own work, or of nobody's? In one process another service's may lead here. */
export const isOwnWork = (owner: object, active: Context = context.active()): boolean =>
  (currentScope(active)?.owner ?? owner) === owner;

export const withScope = (active: Context, scope: Scope): Context => active.setValue(scopeKey, scope);

/** In the context of a new trace: it is sampled in head mode whatever its id. */
export const alwaysSample = createContextKey('bulkhead always sample');
