/** RabbitMQ's management API, asked in a pod. MANAGEMENT_URL has the login. */
const { randomUUID } = require('node:crypto');

const management = new URL(process.env.MANAGEMENT_URL);
const authorization = `Basic ${Buffer.from(`${management.username}:${management.password}`).toString('base64')}`;
management.username = management.password = '';

async function ask(path, { timeoutMs = 3_000, ...init } = {}) {
  const response = await fetch(new URL(`/api/${path}`, management), {
    ...init,
    headers: { authorization, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw new Error(`RabbitMQ responded with ${response.status} for ${path}`);
  return response.json();
}

/** Messages of a queue, those included that a consumer has not acknowledged. */
exports.depthOf = async (queue) => (await ask(`queues/%2F/${queue}`)).messages ?? 0;

const publish = (event) => {
  const { id, type } = event;
  return ask('exchanges/%2F/bulkhead.events/publish', {
    method: 'POST',
    timeoutMs: 30_000,
    body: JSON.stringify({
      properties: { delivery_mode: 2, content_type: 'application/cloudevents+json', message_id: id },
      routing_key: type,
      payload: JSON.stringify(event),
      payload_encoding: 'string',
    }),
  });
};

/** The management API closes connections that rest a moment; an event that came twice is handled once. */
async function register() {
  const event = {
    specversion: '1.0',
    id: randomUUID(),
    source: '/bulkhead/auth',
    type: 'user.registered.v1',
    subject: 'user',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    aggregateversion: 1,
    data: { userId: randomUUID() },
  };
  const { routed } = await publish(event).catch(() => publish(event));
  if (!routed) throw new Error('nobody hears of people who register');
}

const atOnce = 50;

/** So many people register, as auth says so. @returns how many have */
exports.registerPeople = async (count) => {
  for (let sent = 0; sent < count; sent += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, count - sent) }, register));
  return count;
};
