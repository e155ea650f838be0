/** Cards of the simulated provider (and their meaning at Stripe's test mode is alike): each shows one way an order goes. */
export const paymentMethods = [
  { token: 'pm_ok', name: 'Test card', about: 'Approved at once.' },
  { token: 'pm_requires_action', name: 'Test card with 3-D Secure', about: 'You confirm at the bank.' },
  { token: 'pm_slow', name: 'Test card of a slow bank', about: 'Takes some seconds. You need not wait.' },
  { token: 'pm_declined', name: 'Test card that is declined', about: 'Nothing is ordered.' },
] as const;
