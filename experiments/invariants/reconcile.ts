import type { ServiceName } from '@bulkhead/contracts/services';
import { createDatabase } from '@bulkhead/database/pool';
import { parseResend, type Resend, resendTo, sendersTo } from '@bulkhead/messaging/resend-command';
import { parseArgs } from 'node:util';
import { compareServices } from './compare-services';
import { openShop } from './open-shop';
import { findPlaces } from './places';

/**
 * Entry point of `npm run reconcile`: after the database of one service was restored, compares what the services know of
 * each other. @returns the exit code: 0 they agree, 1 they do not, 2 invalid arguments
 */
export async function main(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  print: (text: string) => void = (text) => void process.stdout.write(`${text}\n`),
): Promise<number> {
  let options: Options;
  try {
    options = parse(args);
  } catch (error) {
    print((error as Error).message);
    return 2;
  }
  const places = await findPlaces(environment, options.dataDir);
  if (options.resend) await sendAgain(places.databases, options.resend, print);
  const shop = openShop(places);
  try {
    const { agree, text } = await compareServices(shop, options.patienceMs);
    print(text);
    return agree ? 0 : 1;
  } finally {
    await shop.close();
  }
}

/** Each sender sends again what the service hears from it. */
async function sendAgain(
  databases: Partial<Record<ServiceName, string>>,
  resend: Resend,
  print: (text: string) => void,
): Promise<void> {
  for (const sender of sendersTo(resend.reader)) {
    const url = databases[sender];
    if (url === undefined) {
      print(`${sender}: its database is not known here; nothing of it is sent again`);
      continue;
    }
    const database = createDatabase({ url, applicationName: 'reconcile', poolSize: 1 });
    try {
      print(await resendTo(resend, sender, database));
    } finally {
      await database.close();
    }
  }
}

type Options = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      resend: { type: 'string' },
      since: { type: 'string' },
      'data-dir': { type: 'string', default: '.bulkhead' },
      wait: { type: 'string', default: '30' },
    },
  });
  const wait = Number(values.wait);
  if (!(wait >= 0)) throw new Error(`--wait takes a number, not ${values.wait}`);
  return {
    resend: resendOf(values),
    dataDir: values['data-dir'],
    patienceMs: wait * 1_000,
  };
}

function resendOf({ resend, since }: { resend?: string; since?: string }): Resend | undefined {
  return resend === undefined && since === undefined ? undefined : parseResend(resend, since);
}
