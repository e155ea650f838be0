import { erasingServices } from '@bulkhead/contracts/services';
import { type ProfileUnderTest, startProfile } from '../testing/profile-under-test';

let profile: ProfileUnderTest;
beforeEach(async () => {
  profile = await startProfile();
});
afterEach(() => profile.stop());

test('an export holds the profile, the addresses and what every service has', async () => {
  const userId = profile.person();
  await profile.send(userId, 'POST', '/addresses', {
    body: { recipient: 'Ada', line1: '1 Street', postalCode: '1', city: 'London', country: 'GB' },
  });
  const { status, body } = await profile.send(userId, 'GET', '/export');
  expect(status).toBe(200);
  expect(body.profile.email).toBe(`${userId}@example.com`);
  expect(body.addresses).toHaveLength(1);
  expect(body.services).toEqual(erasingServices.map((service) => ({ service, items: [{ from: service }] })));
  expect(body.incomplete).toEqual([]);
});

test('a service that is down is named, and the others’ data is there', async () => {
  const userId = profile.person();
  await profile.send(userId, 'GET', '');
  await profile.peers.get('payment')!.stop();
  const { status, body } = await profile.send(userId, 'GET', '/export');
  expect(status).toBe(200);
  expect(body.incomplete).toEqual(['payment']);
  expect(body.services.map(({ service }: { service: string }) => service)).toEqual(
    erasingServices.filter((service) => service !== 'payment'),
  );
});
