import { type ProfileUnderTest, startProfile } from '../testing/profile-under-test';

let profile: ProfileUnderTest;
beforeAll(async () => {
  profile = await startProfile();
});
afterAll(() => profile.stop());

const address = {
  recipient: 'Ada Lovelace',
  line1: '12 St James’s Square',
  postalCode: 'SW1Y 4JH',
  city: 'London',
  country: 'GB',
};
const add = (userId: string, body: unknown = address) => profile.send(userId, 'POST', '/addresses', { body });

test('an address is added, read, replaced and deleted', async () => {
  const userId = profile.person();
  const added = await add(userId);
  expect(added.status).toBe(201);
  expect(added.body).toMatchObject({ ...address, line2: null, region: null });
  expect(added.headers.get('location')).toBe(`/api/v1/me/addresses/${added.body.id}`);
  const path = `/addresses/${added.body.id}`;
  const replaced = await profile.send(userId, 'PUT', path, { body: { ...address, city: 'Oxford' } });
  expect(replaced.body).toMatchObject({ id: added.body.id, city: 'Oxford' });
  expect((await profile.send(userId, 'GET', path)).body).toEqual(replaced.body);
  expect((await profile.send(userId, 'GET', '/addresses')).body.items).toEqual([replaced.body]);
  expect((await profile.send(userId, 'DELETE', path)).status).toBe(204);
  expect((await profile.send(userId, 'GET', path)).status).toBe(404);
});

test('a user cannot see, change or delete another user’s address', async () => {
  const owner = profile.person();
  const other = profile.person();
  const path = `/addresses/${(await add(owner)).body.id}`;
  expect((await profile.send(other, 'GET', path)).status).toBe(404);
  expect((await profile.send(other, 'PUT', path, { body: address })).status).toBe(404);
  expect((await profile.send(other, 'DELETE', path)).status).toBe(404);
  expect((await profile.send(other, 'GET', '/addresses')).body.items).toEqual([]);
  expect((await profile.send(owner, 'GET', path)).body).toMatchObject(address);
});

test('of many additions at once, as many succeed as a person may have', async () => {
  const userId = profile.person();
  const responses = await Promise.all(Array.from({ length: 26 }, () => add(userId)));
  expect(responses.filter(({ status }) => status === 201)).toHaveLength(20);
  expect(responses.filter(({ status }) => status === 409)).toHaveLength(6);
  expect((await profile.send(userId, 'GET', '/addresses')).body.items).toHaveLength(20);
});

test.each([
  [{ ...address, country: 'Great Britain' }, '/body/country'],
  [{ ...address, country: 'ZZ' }, '/body/country'],
  [{ ...address, recipient: 'A\nB' }, '/body/recipient'],
  [{ ...address, id: 'mine' }, '/body/id'],
  [{ recipient: 'Ada' }, '/body/line1'],
])('the address %j is refused', async (body, pointer) => {
  const response = await add(profile.person(), body);
  expect(response.status).toBe(422);
  expect(response.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
});
