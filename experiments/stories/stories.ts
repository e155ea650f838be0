import type { Experiment } from '../run/experiment';
import { paymentSlow } from './payment-slow';

/** Every experiment, in the order in which they are worth reading. */
export const stories: readonly Experiment[] = [paymentSlow];
