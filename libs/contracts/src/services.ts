/** The nine services, by the name used in URLs of peers, identities, databases, queues, metrics and charts. */
export const serviceNames = [
  'gateway',
  'auth',
  'profile',
  'product',
  'search',
  'inventory',
  'order',
  'payment',
  'notification',
] as const;

export type ServiceName = (typeof serviceNames)[number];

export const isServiceName = (name: string): name is ServiceName =>
  (serviceNames as readonly string[]).includes(name);
