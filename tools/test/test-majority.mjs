/**
 * `npm run test:majority`: three nodes of RabbitMQ, of which two are lost at once: that the third is connected and of
 * no use is noticed, and nothing is lost. The last line is `N passed, N failed`.
 */
import { ensureInstalled } from '../bootstrap/install.mjs';
import { load } from '../build/load.mjs';
import { runJest } from './run-jest.mjs';
import { stopUnavailable } from './unavailable.mjs';

ensureInstalled();
const { findBrokerProgram } = await load('libs/development/src/broker-program.ts');
const program = await findBrokerProgram().catch((error) => stopUnavailable(error.message));
if (program === 'container')
  stopUnavailable('A rabbitmq-server is needed on the PATH: containers are no cluster.');
await runJest(['--config', 'libs/messaging/jest.config.cjs', 'majority'], {
  environment: { BROKER_CLUSTER: 'on' },
});
