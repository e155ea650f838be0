import { serviceNames } from '@bulkhead/contracts/services';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { messaging } from './messaging';
import { overview } from './overview';
import { postgresql } from './postgresql';
import { rabbitmq } from './rabbitmq';
import { resilience } from './resilience';
import { runtime } from './runtime';
import { saga } from './saga';
import { serviceDashboard } from './service';
import { slos } from './slos';

const hears = new Set<string>(Object.values(subscriptions).map(({ service }) => service));
/** Services that call no peer of the shop. */
const callsNobody = new Set<string>(['auth', 'inventory', 'payment']);

/** Every dashboard. */
export const dashboards = [
  overview,
  ...serviceNames.map((name) =>
    serviceDashboard(name, {
      database: name !== 'gateway',
      peers: !callsNobody.has(name),
      attempts: name !== 'gateway',
      groups: hears.has(name),
      pages: name === 'gateway',
    }),
  ),
  saga,
  messaging,
  resilience,
  runtime,
  postgresql,
  rabbitmq,
  slos,
];
