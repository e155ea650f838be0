import { randomUUID } from 'node:crypto';
import { nobodys, type Walker } from './walker';

/** Signing up, in and out. @returns the person whom the rest of the walk is about */
export async function walkAccounts(walker: Walker) {
  const { call } = walker;
  const ada = await walker.register();
  await call('register', { json: { email: ada.email, password: ada.password, name: 'Ada' } });
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
  await call('revokeSession', { token: ada.token, params: { sessionId: nobodys } });
  await call('revokeSessions', { token: (await walker.register()).token });
  await call('requestEmailVerification', { token: ada.token });
  await call('verifyEmail', { json: { token: await walker.mailedToken(ada.email, 'verify-email') } });
  await call('verifyEmail', { json: { token: 'x'.repeat(43) } });
  await call('requestPasswordReset', { json: { email: ada.email } });
  const password = randomUUID();
  await call('resetPassword', {
    json: { token: await walker.mailedToken(ada.email, 'reset-password'), newPassword: password },
  });
  await call('resetPassword', { json: { token: 'x'.repeat(43), newPassword: password } });
  const token = (await call('login', { json: { email: ada.email, password } })).body.tokens
    .accessToken as string;
  return { email: ada.email, password, token, sessionId: sessions[0]!.id };
}

/** Signing up, in and out with the refresh token in a cookie, as a page of the shop does; and as one of elsewhere may not. */
export async function walkBrowserSessions({ call }: Walker): Promise<void> {
  const user = { email: `${randomUUID()}@people.example`, password: randomUUID() };
  const registration = { ...user, name: 'Grace Hopper' };
  await call('registerInBrowser', { json: registration });
  const { headers } = await call('loginInBrowser', { json: user });
  const cookie = headers.get('set-cookie')!.split(';')[0]!;
  await call('refreshInBrowser', { headers: { cookie } });
  const elsewhere = { cookie, 'sec-fetch-site': 'cross-site' };
  await call('registerInBrowser', { headers: elsewhere, json: registration });
  await call('loginInBrowser', { headers: elsewhere, json: user });
  await call('refreshInBrowser', { headers: elsewhere });
  await call('logoutInBrowser', { headers: elsewhere });
  await call('logoutInBrowser', { headers: { cookie } });
}

/** Changing a password. */
export async function walkPasswords(walker: Walker): Promise<void> {
  const { call } = walker;
  const changer = await walker.register();
  await call('changePassword', {
    token: changer.token,
    json: { currentPassword: 'wrong', newPassword: randomUUID() },
  });
  await call('changePassword', {
    token: changer.token,
    json: { currentPassword: changer.password, newPassword: changer.password },
  });
  await changeAtOnce(walker);
}

/**
 * Several changes at once: those that come after the first find the password changed meanwhile. On a slow machine they may
 * all come one after the other, and find a wrong password; so it is tried again, with another person.
 */
async function changeAtOnce({ call, register }: Walker): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const { token, password } = await register();
    const change = () =>
      call('changePassword', { token, json: { currentPassword: password, newPassword: randomUUID() } });
    const responses = await Promise.all([change(), change(), change()]);
    if (responses.some(({ status }) => status === 409)) return;
  }
}

/** What staff do with accounts; the one admin there is can neither stop being one nor be erased. */
export async function walkRoles(walker: Walker): Promise<void> {
  const { call, admin } = walker;
  const changer = await walker.register();
  const accounts = (
    await call('listUsers', { token: admin.token, query: `?email=${encodeURIComponent(admin.email)}` })
  ).body.items as { id: string }[];
  await call('setRoles', {
    token: admin.token,
    params: { userId: changer.id },
    json: { roles: ['customer'] },
  });
  await call('setRoles', { token: admin.token, params: { userId: nobodys }, json: { roles: ['customer'] } });
  await call('setRoles', {
    token: admin.token,
    params: { userId: accounts[0]!.id },
    json: { roles: ['customer'] },
  });
  await call('requestErasure', { token: admin.token });
  await call('listSecurityEvents', { token: admin.token });
  await call('jwks');
}
