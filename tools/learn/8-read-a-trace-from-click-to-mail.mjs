/** Step 8: one order is one trace, from the gateway to the mail that notification sends. */
import { Missing } from './missing.mjs';

export const check = async (shop, found) => {
  const { status, body } = await shop.get('/ops/data');
  if (status !== 200)
    throw new Missing(
      'This shop has no /ops. End it with Ctrl-C, and start SPLIT_OFF=none npm start, which runs everything in one process.',
    );
  // 202: confirmed after the buyer's wait was over, which the mail shows.
  const orders = body.traces.filter(
    ({ name, service, status }) =>
      service === 'gateway' && name === 'POST /api/v1/orders' && (status === 201 || status === 202),
  );
  if (orders.length === 0)
    throw new Missing('/ops shows no order among its latest requests. Buy something, and check again.');
  const isMail = ({ service, name }) => service === 'notification' && name === 'smtp send';
  const isConfirmation = ({ service, name }) => service === 'notification' && name === 'mail order-confirmed';
  const trace = orders.find(({ spans }) => spans.some(isMail) && spans.some(isConfirmation));
  if (!trace)
    throw new Missing(`Trace ${orders[0].traceId} has no mail yet. Wait a moment, and check again.`);

  const mail = trace.spans.find(isMail);
  const services = [...new Set(trace.spans.map(({ service }) => service))];
  found(`One order is one trace: ${trace.traceId}, ${trace.spans.length} spans in ${services.join(', ')}.`);
  found(`The buyer had a response after ${Math.round(trace.answeredMs)} ms.`);
  found(`The mail was handed over ${Math.round(mail.offsetMs + mail.durationMs)} ms after the click.`);
  found(`Read it at ${shop.origin}/ops?trace=${trace.traceId}.`);
};
