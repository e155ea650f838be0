import { eventually } from '@bulkhead/testing/eventually';
import { rabbitMqWorlds } from './conformance/rabbitmq-worlds';
import { index, mails, placed } from './conformance/shop';
import { resendEvents } from './resend';

const worlds = rabbitMqWorlds();

test('events that a restored reader has lost come again, and have no second effect elsewhere', async () => {
  const { world, databases } = await worlds.open('resend.');
  world.startConsumers();
  world.startRelay();
  await world.place(1);
  await world.settledWith([1]);
  const { rows } = await databases.sender.query<{ now: Date }>({ text: 'select clock_timestamp() as now' });
  const since = rows[0]!.now;
  const later = Array.from({ length: 1_100 }, (_, number) => number + 2);
  await world.place(...later);
  await world.settledWith([1, ...later]);

  // Mails' part of the reader's database, as it was at `since`.
  for (const text of [
    `delete from effect where consumer_group = $1 and number > 1`,
    `delete from inbox where consumer_group = $1 and event_id not in
      (select event_id from effect where consumer_group = $1)`,
  ])
    await databases.reader.query({ text, values: [mails.group] });
  expect(await resendEvents(databases.sender, { types: ['order.archived.v1'], since })).toBe(0);
  expect(await resendEvents(databases.sender, { types: [placed.type], since })).toBe(1_100);
  await eventually(async () => expect(await world.effects(mails)).toEqual([1, ...later]), {
    timeoutMs: 60_000,
  });
  await world.settledWith([1, ...later]);
  expect(await world.effects(index)).toEqual([1, ...later]);
}, 150_000);
