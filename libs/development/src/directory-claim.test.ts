import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { claimDirectory, DataDirectoryInUse } from './directory-claim';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bulkhead-claim-'));
});
afterEach(() => rm(folder, { recursive: true }));

const lockOfTheDead = JSON.stringify({ pid: 1, startedAt: 'an earlier boot' });

const claimAtOnce = async (times: number) => {
  const claims = await Promise.allSettled(Array.from({ length: times }, () => claimDirectory(folder)));
  const refusals = claims.flatMap((claim) => (claim.status === 'rejected' ? [claim.reason as Error] : []));
  return { held: times - refusals.length, refusals };
};

it.each([
  ['that nobody holds', undefined],
  ['whose holder was killed', lockOfTheDead],
  ['whose holder was killed as it took it', ''],
])('of many starts at once, one gets a folder %s', async (_, lock) => {
  for (let round = 0; round < 10; round++) {
    if (lock === undefined) await rm(path.join(folder, 'lock'), { force: true });
    else await writeFile(path.join(folder, 'lock'), lock);
    const { held, refusals } = await claimAtOnce(8);
    expect(held).toBe(1);
    expect(refusals[0]).toBeInstanceOf(DataDirectoryInUse);
    expect(refusals[0]!.message).toBe(`${folder} is in use by process ${process.pid}; stop that first`);
  }
  expect(await readdir(folder)).toEqual(['lock']);
});

it.each([
  ['having said who it is', lockOfTheDead],
  ['before it said who it is', ''],
])('is not held up by a start that was killed during its turn, %s', async (_, turn) => {
  await writeFile(path.join(folder, 'lock.turn'), turn);
  const claim = await claimDirectory(folder);
  await expect(claimDirectory(folder)).rejects.toThrow(DataDirectoryInUse);
  await claim.release();
  await (await claimDirectory(folder)).release();
});
