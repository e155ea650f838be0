import { createHmac, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { eventually } from '@bulkhead/testing/eventually';
import type { Call } from './caller';

export interface Surroundings {
  readonly call: Call;
  readonly admin: { readonly email: string; readonly password: string };
  readonly webhookSecret: string;
  readonly mailFolder: string;
}

/** What exists after the walk, for whoever comes next. */
export interface Walked {
  readonly adminToken: string;
  readonly userToken: string;
  readonly user: { readonly email: string; readonly password: string };
  /** Values of path parameters that name something of the user's, or of everybody's. */
  readonly params: Readonly<Record<string, string>>;
}

const stranger = '0190b1f4-7e9c-7cc3-8d5a-1f2e3d4c5b6a';

/** Uses every operation once as it is meant, and brings about the refusals that take a certain state. */
export async function walkShop({ call, admin, webhookSecret, mailFolder }: Surroundings): Promise<Walked> {
  const key = () => ({ 'idempotency-key': randomUUID() });
  const register = async () => {
    const user = { email: `${randomUUID()}@people.example`, password: randomUUID() };
    const { body } = await call('register', { json: { ...user, name: 'Grace Hopper' } });
    return {
      ...user,
      id: body.user.id as string,
      token: body.tokens.accessToken as string,
      refreshToken: body.tokens.refreshToken as string,
    };
  };
  const mailedToken = (email: string, page: string) =>
    eventually(
      async () => {
        for (const name of (await readdir(mailFolder)).sort().reverse()) {
          const mail = await readFile(path.join(mailFolder, name), 'utf8');
          const found = new RegExp(`${page}#token=([A-Za-z0-9_-]{43})`).exec(mail.replaceAll(/=\r?\n/g, ''));
          if (mail.includes(email) && found) return found[1]!;
        }
        throw new Error(`no mail for ${page}`);
      },
      { timeoutMs: 20_000 },
    );

  // Accounts and sessions
  const ada = await register();
  await call('register', { json: { email: ada.email, password: ada.password, name: 'Ada' } });
  const adminToken = (await call('login', { json: admin })).body.tokens.accessToken as string;
  await call('login', { json: { email: ada.email, password: 'not the password' } });
  const second = (await call('login', { json: { email: ada.email, password: ada.password } })).body.tokens;
  await call('refreshTokens', { json: { refreshToken: second.refreshToken } });
  await call('refreshTokens', { json: { refreshToken: 'x'.repeat(43) } });
  await call('logout', { json: { refreshToken: second.refreshToken } });
  const sessions = (await call('listSessions', { token: ada.token })).body.items as {
    id: string;
    current: boolean;
  }[];
  const third = (await call('login', { json: { email: ada.email, password: ada.password } })).body.tokens;
  const other = (
    (await call('listSessions', { token: third.accessToken })).body.items as {
      id: string;
      current: boolean;
    }[]
  ).find(({ current }) => current)!;
  await call('revokeSession', { token: ada.token, params: { sessionId: other.id } });
  await call('revokeSession', { token: ada.token, params: { sessionId: stranger } });
  await call('requestEmailVerification', { token: ada.token });
  await call('verifyEmail', { json: { token: await mailedToken(ada.email, 'verify-email') } });
  await call('verifyEmail', { json: { token: 'x'.repeat(43) } });
  await call('requestPasswordReset', { json: { email: ada.email } });
  const password = randomUUID();
  await call('resetPassword', {
    json: { token: await mailedToken(ada.email, 'reset-password'), newPassword: password },
  });
  await call('resetPassword', { json: { token: 'x'.repeat(43), newPassword: password } });
  const token = (await call('login', { json: { email: ada.email, password } })).body.tokens
    .accessToken as string;
  const changer = await register();
  await call('changePassword', {
    token: changer.token,
    json: { currentPassword: 'wrong', newPassword: randomUUID() },
  });
  await call('changePassword', {
    token: changer.token,
    json: { currentPassword: changer.password, newPassword: changer.password },
  });
  await call('changePassword', {
    token: changer.token,
    json: { currentPassword: changer.password, newPassword: randomUUID() },
  });
  const accounts = (
    await call('listUsers', { token: adminToken, query: `?email=${encodeURIComponent(admin.email)}` })
  ).body.items as { id: string }[];
  await call('setRoles', {
    token: adminToken,
    params: { userId: changer.id },
    json: { roles: ['customer'] },
  });
  await call('setRoles', { token: adminToken, params: { userId: stranger }, json: { roles: ['customer'] } });
  await call('setRoles', {
    token: adminToken,
    params: { userId: accounts[0]!.id },
    json: { roles: ['customer'] },
  });
  await call('listSecurityEvents', { token: adminToken });
  await call('jwks');

  // The person
  await eventually(async () => {
    if ((await call('getProfile', { token })).status !== 200) throw new Error('no profile yet');
  });
  await call('updateProfile', { token, json: { locale: 'de-AT' } });
  await call('updateProfile', { token, headers: { 'if-match': '"99"' }, json: { locale: 'de' } });
  const address = {
    recipient: 'Ada',
    line1: '1 Analytical Way',
    postalCode: '12345',
    city: 'London',
    country: 'GB',
  };
  const made = (await call('createAddress', { token, json: address })).body as { id: string };
  await call('listAddresses', { token });
  await call('getAddress', { token, params: { addressId: made.id } });
  await call('replaceAddress', {
    token,
    params: { addressId: made.id },
    json: { ...address, city: 'Oxford' },
  });
  await call('deleteAddress', { token, params: { addressId: made.id } });
  for (const id of ['getAddress', 'deleteAddress'])
    await call(id, { token, params: { addressId: stranger } });
  await call('replaceAddress', { token, params: { addressId: stranger }, json: address });
  let addressId = '';
  for (let count = 0; count < 21; count += 1) {
    const { status, body } = await call('createAddress', { token, json: address });
    if (status === 201) addressId = body.id as string;
  }
  await call('exportData', { token });
  await call('getErasure', { token });

  // The catalog
  const { items } = (await call('listProducts', { query: '?limit=100' })).body as {
    items: { productId: string; sku: string; slug: string; version: number; price: object }[];
  };
  await call('listCategories');
  const shown = await call('getProduct', { params: { productId: items[0]!.slug } });
  await call('getProduct', {
    params: { productId: items[0]!.slug },
    headers: { 'if-none-match': shown.headers.get('etag')! },
  });
  await call('getProduct', { params: { productId: 'no-such-thing' } });
  const mark = randomUUID().slice(0, 8);
  const draft = {
    sku: `TST-${mark.toUpperCase()}`,
    slug: `test-${mark}`,
    name: 'Test Piece',
    description: 'For the walk',
    category: 'kitchen',
    price: { amount: 1999, currency: 'EUR' },
  };
  const product = (await call('createProduct', { token: adminToken, json: draft })).body as {
    productId: string;
  };
  await call('createProduct', { token: adminToken, json: draft });
  const it = { productId: product.productId };
  await call('replaceProduct', {
    token: adminToken,
    params: it,
    headers: { 'if-match': '"1"' },
    json: { ...draft, name: 'Test Pieces' },
  });
  await call('replaceProduct', {
    token: adminToken,
    params: it,
    headers: { 'if-match': '"1"' },
    json: draft,
  });
  await call('replaceProduct', { token: adminToken, params: it, json: draft });
  await call('replaceProduct', {
    token: adminToken,
    params: { productId: stranger },
    headers: { 'if-match': '*' },
    json: draft,
  });
  await call('replaceProduct', {
    token: adminToken,
    params: it,
    headers: { 'if-match': '*' },
    json: { ...draft, slug: items[0]!.slug },
  });
  await call('searchProducts', { query: '?q=kettle' });
  await call('suggestSearches', { query: '?q=ke' });
  await call('rebuildSearch', { token: adminToken });
  await call('getSearchRebuild', { token: adminToken });

  // Stock
  await eventually(async () => {
    if ((await call('getStock', { params: { sku: draft.sku } })).status !== 200)
      throw new Error('no stock yet');
  });
  await call('getStock', { params: { sku: 'NO-SUCH-SKU' } });
  const sku = { sku: draft.sku };
  const stock = await call('getStock', { params: sku });
  await call('setStock', {
    token: adminToken,
    params: sku,
    headers: { 'if-match': stock.headers.get('etag')! },
    json: { onHand: 1000 },
  });
  await call('setStock', {
    token: adminToken,
    params: sku,
    headers: { 'if-match': '"99999"' },
    json: { onHand: 1 },
  });
  await call('setStock', { token: adminToken, params: sku, json: { onHand: 1 } });
  await call('setStock', {
    token: adminToken,
    params: { sku: 'NO-SUCH-SKU' },
    headers: { 'if-match': '*' },
    json: { onHand: 1 },
  });
  await call('adjustStock', { token: adminToken, params: sku, json: { delta: 5, reason: 'found' } });
  await call('adjustStock', { token: adminToken, params: sku, json: { delta: -100_000, reason: 'lost' } });
  await call('adjustStock', {
    token: adminToken,
    params: { sku: 'NO-SUCH-SKU' },
    json: { delta: 1, reason: 'found' },
  });
  await call('listStockMovements', { token: adminToken, params: sku });
  await call('listStockMovements', { token: adminToken, params: { sku: 'NO-SUCH-SKU' } });

  // Buying
  const buy = (change: object = {}, headers: Record<string, string> = key()) =>
    call('placeOrder', {
      token,
      headers,
      json: { items: [{ productId: it.productId, quantity: 1 }], paymentMethod: 'pm_ok', ...change },
    });
  const bought = (await buy()).body as { id: string };
  await buy({ paymentMethod: 'pm_declined' });
  await buy({ expectedTotal: { amount: 1, currency: 'EUR' } });
  await buy({}, {});
  const waiting = (await buy({ paymentMethod: 'pm_requires_action' })).body as { id: string };
  await call('listOrders', { token });
  await call('getOrder', { token, params: { orderId: bought.id } });
  await call('getOrder', { token, params: { orderId: stranger } });
  await call('streamOrder', { token, params: { orderId: waiting.id } });
  await call('streamOrder', { token, params: { orderId: stranger } });
  await call('cancelOrder', { token, params: { orderId: waiting.id } });
  const declined = (await call('listOrders', { token, query: '?status=rejected' })).body.items as {
    id: string;
  }[];
  if (declined[0]) await call('cancelOrder', { token, params: { orderId: declined[0].id } });
  await call('cancelOrder', { token, params: { orderId: stranger } });
  await call('searchOrders', { token: adminToken });

  // Money
  const payments = await eventually(async () => {
    const { body } = await call('searchPayments', { token: adminToken, query: `?orderId=${bought.id}` });
    if (body.items[0]?.status !== 'captured') throw new Error('not captured yet');
    return body.items as { id: string }[];
  });
  const paid = { paymentId: payments[0]!.id };
  await call('getPayment', { token: adminToken, params: paid });
  await call('getPayment', { token: adminToken, params: { paymentId: stranger } });
  const refund = (amount: number, params = paid) =>
    call('refundPayment', {
      token: adminToken,
      params,
      headers: key(),
      json: { amount: { amount, currency: 'EUR' } },
    });
  await refund(100);
  await refund(1_000_000);
  await refund(1, { paymentId: stranger });
  const event = JSON.stringify({ id: randomUUID(), type: 'nothing.happened' });
  const seconds = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', webhookSecret).update(`${seconds}.${event}`).digest('hex');
  const hook = (provider: string, signed: string) =>
    call('receivePaymentWebhook', {
      params: { provider },
      headers: { 'content-type': 'application/json', 'webhook-signature': signed },
      raw: event,
    });
  await hook('simulated', `t=${seconds},v1=${signature}`);
  await hook('simulated', 'nonsense');
  await hook('nobody', `t=${seconds},v1=${signature}`);

  // Messages
  const inbox = await eventually(async () => {
    const { body } = await call('listNotifications', { token });
    if (body.items.length === 0) throw new Error('no message yet');
    return body.items as { id: string }[];
  });
  await call('readNotification', { token, params: { notificationId: inbox[0]!.id } });
  await call('readNotification', { token, params: { notificationId: stranger } });
  await call('streamNotifications', { token });

  // Leaving
  await call('deleteProduct', { token: adminToken, params: it, headers: { 'if-match': '"77"' } });
  await call('deleteProduct', { token: adminToken, params: it });
  await call('deleteProduct', {
    token: adminToken,
    params: { productId: stranger },
    headers: { 'if-match': '*' },
  });
  await call('deleteProduct', { token: adminToken, params: it, headers: { 'if-match': '*' } });
  const leaving = await register();
  await eventually(async () => {
    if ((await call('getProfile', { token: leaving.token })).status !== 200)
      throw new Error('no profile yet');
  });
  await call('requestErasure', { token: leaving.token });
  await call('getErasure', { token: leaving.token });

  return {
    adminToken,
    userToken: token,
    user: { email: ada.email, password },
    params: {
      orderId: bought.id,
      addressId,
      notificationId: inbox[0]!.id,
      sessionId: sessions[0]!.id,
      sku: items[0]!.sku,
      productId: items[0]!.productId,
      paymentId: paid.paymentId,
    },
  };
}
