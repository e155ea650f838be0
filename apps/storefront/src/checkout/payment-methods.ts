/** Cards of the simulated provider (those of Stripe's test mode have similar meanings): one per order outcome. */
export const paymentMethods = ['pm_ok', 'pm_requires_action', 'pm_slow', 'pm_declined'] as const;
