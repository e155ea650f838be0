import type { Call } from './caller';
import { walkAccounts, walkBrowserSessions, walkPasswords, walkRoles } from './walk/accounts';
import { walkOrders } from './walk/buying';
import { walkCatalog, walkRemoval, walkSearch } from './walk/catalog';
import { walkMessages } from './walk/messages';
import { walkPayments, walkWebhooks } from './walk/money';
import { walkErasure, walkPerson } from './walk/person';
import { walkStock } from './walk/stock';
import { createWalker, type WalkOptions } from './walk/walker';

/** What exists after the walk, for whoever comes next. */
export interface Walked {
  readonly adminToken: string;
  readonly userToken: string;
  /** Values of path parameters that name something of the user's, or of everybody's. */
  readonly params: Readonly<Record<string, string>>;
}

/** Uses every operation once as it is meant, and brings about the refusals that take a certain state. */
export async function walkShop(call: Call, options: WalkOptions): Promise<Walked> {
  const walker = await createWalker(call, options);
  const { token, sessionId } = await walkAccounts(walker);
  await walkBrowserSessions(walker);
  await walkPasswords(walker);
  await walkRoles(walker);
  const { addressId } = await walkPerson(walker, token);
  const { shown, made } = await walkCatalog(walker);
  await walkSearch(walker);
  await walkStock(walker, made);
  const { orderId } = await walkOrders(walker, token, made);
  const { paymentId } = await walkPayments(walker, { orderId });
  await walkWebhooks(walker);
  const { notificationId } = await walkMessages(walker, token);
  await walkRemoval(walker, made);
  await walkErasure(walker);
  const { sku, productId } = shown;
  return {
    adminToken: walker.admin.token,
    userToken: token,
    params: { orderId, addressId, notificationId, sessionId, sku, productId, paymentId },
  };
}
