import type { RequestContext } from '@bulkhead/service/http/operation';
import type { Client } from '../sessions/tokens';

export const clientOf = (context: RequestContext): Client => ({
  address: context.clientAddress,
  userAgent: context.header('user-agent'),
});
