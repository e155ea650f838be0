import { z } from 'zod';
import { defineEvent } from '../event';
import { Id } from '../primitives';
import { type ErasingService, erasingServices } from '../services';

const defineErased = <S extends ErasingService>(service: S) =>
  defineEvent({
    type: `${service}.user-erased.v1`,
    source: service,
    description: `${service} has erased the person.`,
    data: z.object({ userId: Id, erasureId: Id }),
  });

/** The response event of a service to an erasure, by service: each sends its own type, since a type has one source. */
export const erased = Object.fromEntries(
  erasingServices.map((service) => [service, defineErased(service)]),
) as { readonly [S in ErasingService]: ReturnType<typeof defineErased<S>> };
