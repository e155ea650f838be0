import { randomIds } from '@bulkhead/service/ids';
import type { TestService } from '@bulkhead/service/testing/test-service';
import { setStage, type Stage } from '../testing/stage';
import { createPruning } from './prune';

let stage: Stage;
let service: TestService;

beforeAll(async () => {
  stage = await setStage();
  service = await stage.start();
});
afterAll(() => stage.stop());

const idsIn = async (text: string) =>
  (await service.database.query<{ id: string }>({ text })).rows.map(({ id }) => id);
let sequence = 0;
const notification = async (createdAgo: string, readAgo: string | null) => {
  const id = randomIds.next();
  await service.database.query({
    text: `insert into notification (id, user_id, sequence, template, facts, created_at, read_at)
      values ($1, $2, $3, 'welcome', '{}', now() - $4::interval, now() - $5::interval)`,
    values: [id, randomIds.next(), (sequence += 1), createdAgo, readAgo],
  });
  return id;
};
const mail = async (state: string, endedAgo: string | null) => {
  const id = randomIds.next();
  await service.database.query({
    text: `insert into mail (event_id, template, user_id, facts, state, due_at, expires_at, created_at, ended_at)
      values ($1, 'welcome', $2, '{}', $3, now() + interval '1 day', now() + interval '1 day',
        now() - interval '40 days', now() - $4::interval)`,
    values: [id, randomIds.next(), state, endedAgo],
  });
  return id;
};
const mailbox = async (erasedAgo: string | null) => {
  const id = randomIds.next();
  await service.database.query({
    text: 'insert into mailbox (user_id, erased_at) values ($1, now() - $2::interval)',
    values: [id, erasedAgo],
  });
  return id;
};

test('only old and completed rows are deleted', async () => {
  await notification('14 months', '13 months');
  await notification('4 years', null);
  const kept = [await notification('14 months', '11 months'), await notification('2 years', null)];
  await mail('sent', '31 days');
  await mail('failed', '31 days');
  const keptMails = [await mail('sent', '29 days'), await mail('queued', null)];
  await mailbox('32 days');
  const keptMailboxes = [await mailbox('30 days'), await mailbox(null)];

  await createPruning(service.database).run(new AbortController().signal);

  expect((await idsIn('select id from notification')).sort()).toEqual(kept.sort());
  expect((await idsIn('select event_id as id from mail')).sort()).toEqual(keptMails.sort());
  expect((await idsIn('select user_id as id from mailbox')).sort()).toEqual(keptMailboxes.sort());
});

test('many old rows go in batches, and a stopping service does not begin another one', async () => {
  await service.database.query({
    text: `insert into mail (event_id, template, user_id, facts, state, expires_at, ended_at)
      select gen_random_uuid(), 'welcome', gen_random_uuid(), '{}', 'sent', now(), now() - interval '31 days'
      from generate_series(1, 2500)`,
  });
  const old = () => idsIn(`select event_id as id from mail where ended_at < now() - interval '30 days'`);
  await createPruning(service.database).run(AbortSignal.abort());
  expect(await old()).toHaveLength(2_500);
  await createPruning(service.database).run(new AbortController().signal);
  expect(await old()).toEqual([]);
});
