import { printScript, provisionScript } from '@bulkhead/database/provision-script';
import { ConfigError } from '@bulkhead/service/config';
import type { Plan } from './plan';

/** Writes SQL for psql, definitions for RabbitMQ, or both, to stdout. @throws ConfigError when `what` is neither */
export function printPlan(plan: Plan, what: string | undefined): void {
  if (what === 'sql') process.stdout.write(sqlOf(plan));
  else if (what === 'definitions') process.stdout.write(definitionsOf(plan));
  else if (what !== undefined) throw new ConfigError('usage: provision [--print [sql | definitions]]');
  else process.stdout.write(`${sqlOf(plan)}\n-- RabbitMQ definitions\n${definitionsOf(plan)}`);
}

/** For psql. */
export const sqlOf = ({ databases, withoutPassword }: Plan) =>
  [
    '-- For psql, as a role with CREATEDB and CREATEROLE or a superuser: psql -f provision.sql postgres',
    '-- May be repeated. Passwords are changed only where they are given here.',
    ...(withoutPassword.length > 0 ? [`-- Without a password: ${withoutPassword.join(', ')}.`] : []),
    '\\set ON_ERROR_STOP on',
    '',
    ...databases.map((each) => `-- ${each.service}\n${printScript(provisionScript(each))}`),
  ].join('\n');

/** For `rabbitmqctl import_definitions`, or the management UI. A user that is not among `users` has to be there before permissions are given to it. */
export const definitionsOf = ({ broker: { vhosts, ...rest } }: Plan) =>
  `${JSON.stringify({ vhosts: vhosts.filter(({ name }) => name !== '/'), ...rest }, null, 2)}\n`;
