import { z } from 'zod';
import { defineEvent } from '../event';
import { Id } from '../primitives';
import type { serviceNames } from '../services';

export const erasureRequested = defineEvent({
  type: 'user.erasure-requested.v1',
  source: 'profile',
  description: 'A person asked to be forgotten. Every service that knows them erases and answers.',
  data: z.object({ userId: Id, erasureId: Id }),
});

/** What a service answers to an erasure; each of them sends its own type, since a type has one source. */
const answered = (service: (typeof serviceNames)[number]) =>
  defineEvent({
    type: `${service}.user-erased.v1`,
    source: service,
    description: `${service} has erased the person.`,
    data: z.object({ userId: Id, erasureId: Id }),
  });

export const authErased = answered('auth');
export const orderErased = answered('order');
export const paymentErased = answered('payment');
export const notificationErased = answered('notification');
