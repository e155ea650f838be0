/** Step 1: everything runs in one process, somebody has bought, and the mail has come. */
import { wait } from '../test/processes.ts';
import { Missing } from './missing.mjs';

const mailWithinMs = 60_000;

export const check = async (shop, found) => {
  const services = Object.keys(shop.processes);
  const pids = new Set(services.map((name) => shop.processes[name].pid));
  if (pids.size > 1)
    throw new Missing(
      `The shop at ${shop.origin} runs as ${pids.size} processes. End it with Ctrl-C, and start it with SPLIT_OFF=none npm start.`,
    );
  found(`${services.length} services run in one process, ${[...pids][0]}: ${services.join(', ')}.`);

  const confirmed = await shop.confirmedOrder();
  if (!confirmed)
    throw new Missing('The example customer has no confirmed order yet. Buy something, as the page says.');
  found(`Order ${confirmed.id} is confirmed.`);

  for (const end = Date.now() + mailWithinMs; shop.mailsAbout(confirmed.id).length === 0; await wait(200))
    if (Date.now() > end) throw new Missing('No mail about it has come. Wait a moment, and check again.');
  found('The mail about it has come.');
};
