import type { Experiment } from '../run/experiment';
import { answersLost } from './answers-lost';
import { brokerKilled } from './broker-killed';
import { bugCrashes } from './bug-crashes';
import { clockSkew } from './clock-skew';
import { databasesRestarted } from './databases-restarted';
import { hotProduct } from './hot-product';
import { notificationDown } from './notification-down';
import { overload } from './overload';
import { partition } from './partition';
import { paymentSlow } from './payment-slow';
import { poisonMessage } from './poison-message';
import { retryStorm } from './retry-storm';
import { rollingDeploy } from './rolling-deploy';
import { searchOverloaded } from './search-overloaded';
import { slowConsumer } from './slow-consumer';

/** Every experiment, in the order in which they are worth reading. Neighbours share a shop where they can. */
export const stories: readonly Experiment[] = [
  paymentSlow,
  notificationDown,
  brokerKilled,
  answersLost,
  retryStorm,
  searchOverloaded,
  overload,
  hotProduct,
  slowConsumer,
  poisonMessage,
  clockSkew,
  bugCrashes,
  partition,
  rollingDeploy,
  databasesRestarted,
];
