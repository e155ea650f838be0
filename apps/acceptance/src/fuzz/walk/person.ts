import { randomUUID } from 'node:crypto';
import { eventually } from '@bulkhead/testing/eventually';
import { nobodys, type Walker } from './walker';

const anAddress = {
  recipient: 'Ada',
  line1: '1 Analytical Way',
  postalCode: '12345',
  city: 'London',
  country: 'GB',
};

/** What a person tells about themselves. @returns an address of theirs */
export async function walkPerson({ call }: Walker, token: string) {
  await eventually(async () => {
    if ((await call('getProfile', { token })).status !== 200) throw new Error('no profile yet');
  });
  await call('updateProfile', { token, json: { locale: 'de-AT' } });
  await call('updateProfile', { token, headers: { 'if-match': '"99"' }, json: { locale: 'de' } });
  const made = (await call('createAddress', { token, json: anAddress })).body as { id: string };
  await call('listAddresses', { token });
  await call('getAddress', { token, params: { addressId: made.id } });
  await call('replaceAddress', {
    token,
    params: { addressId: made.id },
    json: { ...anAddress, city: 'Oxford' },
  });
  await call('deleteAddress', { token, params: { addressId: made.id } });
  for (const id of ['getAddress', 'deleteAddress']) await call(id, { token, params: { addressId: nobodys } });
  await call('replaceAddress', { token, params: { addressId: nobodys }, json: anAddress });
  let addressId = '';
  for (let count = 0; count < 21; count += 1) {
    const { status, body } = await call('createAddress', { token, json: anAddress });
    if (status === 201) addressId = body.id as string;
  }
  await call('exportData', { token });
  await call('getErasure', { token });
  return { addressId };
}

/** Being forgotten, and what is left then. */
export async function walkErasure(walker: Walker): Promise<void> {
  const { call } = walker;
  const { token, password } = await walker.register();
  await eventually(async () => {
    if ((await call('getProfile', { token })).status !== 200) throw new Error('no profile yet');
  });
  await call('requestErasure', { token });
  await call('getErasure', { token });
  await eventually(async () => {
    const { body } = await call('getErasure', { token });
    if (body.completedAt === null) throw new Error('not forgotten yet');
  });
  // The token is good for some minutes more, and finds nothing.
  for (const id of ['getProfile', 'listAddresses', 'exportData', 'requestEmailVerification'])
    await call(id, { token });
  await call('updateProfile', { token, json: { locale: 'de' } });
  await call('createAddress', { token, json: anAddress });
  await call('changePassword', { token, json: { currentPassword: password, newPassword: randomUUID() } });
}
