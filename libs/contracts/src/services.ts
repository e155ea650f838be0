/** Properties of a service that are needed outside of it. */
interface ServiceFacts {
  /** Its purpose, as described in its chart. */
  readonly about: string;
  /**
   * Stores personal data, if only a user id: profile asks it for that data and to erase it. Profile handles its own.
   */
  readonly holdsPeople: boolean;
}

/**
 * Every service, by the name used in URLs of peers, identities, databases, queues, metrics and charts. What can be said
 * of all services is derived from here: builds, images, charts, dashboards, alerts, erasure and export.
 */
export const services = {
  gateway: { about: 'The only public door of the shop', holdsPeople: false },
  auth: { about: 'Credentials and sessions', holdsPeople: true },
  profile: { about: 'Names, addresses and preferences', holdsPeople: false },
  product: { about: 'The catalog', holdsPeople: false },
  search: { about: 'Finding products', holdsPeople: false },
  inventory: { about: 'Stock and reservations', holdsPeople: false },
  order: { about: 'Orders and their saga', holdsPeople: true },
  payment: { about: 'Money', holdsPeople: true },
  notification: { about: 'Messages to people', holdsPeople: true },
} as const satisfies Record<string, ServiceFacts>;

/**
 * Services that this shop leaves out (`nx g @bulkhead/tools:remove`). Their names stay reserved: other contracts
 * mention them as callers, in case they are added later.
 */
export const leftOut = {} as const satisfies Record<string, true>;

type PresentService = keyof typeof services;

export type ServiceName = keyof (typeof services & typeof leftOut);

export const serviceNames = Object.keys(services) as PresentService[];

export const isServiceName = (name: string): name is ServiceName =>
  Object.hasOwn(services, name) || Object.hasOwn(leftOut, name);

/** A service that profile asks for a person's data and to erase it. */
export type ErasingService = {
  [S in PresentService]: (typeof services)[S] extends { readonly holdsPeople: true } ? S : never;
}[PresentService];

export const erasingServices = serviceNames.filter(
  (name): name is ErasingService => services[name].holdsPeople,
);
