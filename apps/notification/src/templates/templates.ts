import { emailVerification } from './email-verification';
import { farewell } from './farewell';
import { orderCancelled } from './order-cancelled';
import { orderConfirmed } from './order-confirmed';
import { orderExpired } from './order-expired';
import { orderRefunded } from './order-refunded';
import { orderRejected } from './order-rejected';
import { passwordChanged } from './password-changed';
import { passwordReset } from './password-reset';
import { refundFailed } from './refund-failed';
import { refundPaid } from './refund-paid';
import type { Template } from './template';
import { welcome } from './welcome';

/** Every mail of the shop by its stored name: a name is never reused for another template. */
export const templates = {
  welcome,
  'email-verification': emailVerification,
  'password-reset': passwordReset,
  'password-changed': passwordChanged,
  'order-confirmed': orderConfirmed,
  'order-rejected': orderRejected,
  'order-cancelled': orderCancelled,
  'order-expired': orderExpired,
  'order-refunded': orderRefunded,
  'refund-paid': refundPaid,
  'refund-failed': refundFailed,
  farewell,
} as const satisfies Record<string, Template>;

export type TemplateName = keyof typeof templates;

export const templateNames = Object.keys(templates) as TemplateName[];
