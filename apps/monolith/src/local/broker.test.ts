import { createTestBroker } from '@bulkhead/messaging/testing/rabbitmq';
import { openTlsFront } from '@bulkhead/testing/tls-front';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalBroker } from './broker';
import { givenVariables } from './given-variables';
import { loadLocalSecrets } from './secrets';
import { definitions } from '../definitions';

test('a given broker is used by its own authority, one of several that lets us in, and refused in a sentence', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'bulkhead-local-broker-'));
  const broker = await createTestBroker();
  const plain = new URL(broker.url);
  const front = await openTlsFront({ host: plain.hostname, port: Number(plain.port || 5672) });
  try {
    const url = broker.url.replace('amqp:', 'amqps:').replace(plain.host, `localhost:${front.port}`);
    const options = {
      services: ['order' as const],
      dataDir,
      secrets: await loadLocalSecrets(dataDir),
      managementUrl: undefined,
      prefix: undefined,
    };
    const several = `amqps://127.0.0.1:1,${url}`;
    const started = await startLocalBroker({ ...options, url: several, ca: front.ca });
    expect(started.urls.get('order')).toBe(several);
    await expect(startLocalBroker({ ...options, url, ca: undefined })).rejects.toThrow(
      /^RABBITMQ_URL: the broker at localhost:\d+ cannot be used: the certificate of the broker is of no authority that is trusted \(.*\)\.$/,
    );
  } finally {
    await front.close();
    await broker.drop();
    await rm(dataDir, { recursive: true, force: true });
  }
}, 60_000);

test('the processes are given the authorities that were given to the start, as text or in a file', () => {
  const given = {
    RABBITMQ_CA_FILE: '/ca.pem',
    NODE_EXTRA_CA_CERTS: '/more.pem',
    RABBITMQ_URL_FILE: '/url',
    HOME: '/home',
  };
  const order = definitions.find(({ name }) => name === 'order')!;
  expect(givenVariables(order, given)).toEqual({
    RABBITMQ_CA_FILE: '/ca.pem',
    NODE_EXTRA_CA_CERTS: '/more.pem',
  });
});
