import { createTestDatabases, type TestDatabases } from './conformance/world';
import { prune } from './prune';

let databases: TestDatabases;
beforeAll(async () => {
  databases = await createTestDatabases();
}, 60_000);
afterAll(() => databases?.drop());

test('sent events, the inbox and dead letters go after their time, and nothing else does', async () => {
  const { sender } = databases;
  await sender.query({
    text: `insert into outbox (id, type, subject, payload, created_at, sent_at, parked_at)
      select gen_random_uuid(), state, 's', '{}', now() - age, case when state = 'sent' then now() - age end,
        case when state = 'parked' then now() - age end
      from (values ('sent', interval '25 hours'), ('sent', '23 hours'), ('unsent', '3 days'), ('parked', '3 days'))
        as row (state, age), generate_series(1, 5)`,
  });
  await sender.query({
    text: `insert into inbox (consumer_group, event_id, handled_at)
      select 'g', gen_random_uuid(), now() - age from (values (interval '31 days'), ('29 days')) as row (age)`,
  });
  await sender.query({
    text: `insert into dead_letter (consumer_group, message_id, event_type, body, attempts, reason, dead_at)
      select 'g', age::text, 't', 'b', 1, 'r', now() - age from (values (interval '15 days'), ('13 days')) as row (age)`,
  });

  expect(await prune(sender, { batchSize: 100 })).toEqual({ outbox: 5, inbox: 1, dead_letter: 1 });
  const { rows } = await sender.query({
    text: 'select type, count(*) from outbox group by type order by type',
  });
  expect(rows).toEqual([
    { type: 'parked', count: 5 },
    { type: 'sent', count: 5 },
    { type: 'unsent', count: 5 },
  ]);
  expect(await prune(sender)).toEqual({ outbox: 0, inbox: 0, dead_letter: 0 });
});
