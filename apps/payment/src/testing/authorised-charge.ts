import type { ProviderCharge } from '../providers/provider';

/** A charge as a provider reports it: authorised, unless the changes say otherwise. */
export const authorisedCharge = (changes: Partial<ProviderCharge> = {}): ProviderCharge => ({
  reference: 'ch',
  status: 'authorised',
  reason: null,
  actionUrl: null,
  captured: 0,
  refunded: 0,
  refunds: [],
  ...changes,
});
