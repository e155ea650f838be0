/** Cards of the simulated provider (and their meaning at Stripe's test mode is alike): each shows one way an order goes. */
export const paymentMethods = ['pm_ok', 'pm_requires_action', 'pm_slow', 'pm_declined'] as const;
