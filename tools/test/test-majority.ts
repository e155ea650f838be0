/**
 * `npm run test:majority`: three nodes of RabbitMQ, of which two are lost at once: that the third is connected and of
 * no use is noticed, and nothing is lost. The last line is `N passed, N failed`.
 */
import { ensureInstalled } from '../bootstrap/install.mjs';
import type * as BrokerProgram from '@bulkhead/development/broker-program';
import { load } from '../build/load.ts';
import { runJest } from './run-jest.ts';
import { stopUnavailable } from './unavailable.ts';

ensureInstalled();
const { findBrokerProgram } = await load<typeof BrokerProgram>('libs/development/src/broker-program.ts');
const program = await findBrokerProgram().catch((error: Error) => stopUnavailable(error.message));
if (program === 'container')
  stopUnavailable('A rabbitmq-server is needed on the PATH: containers are no cluster.');
await runJest(['--config', 'libs/messaging/jest.config.cjs', 'majority'], {
  environment: { BROKER_CLUSTER: 'on' },
});
