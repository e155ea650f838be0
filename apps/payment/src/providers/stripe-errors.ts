import Stripe from 'stripe';
import { refusal } from './http';
import { ProviderRefused, ProviderUnavailable } from './provider';

/**
 * What an error of the package says about the effect (https://docs.stripe.com/error-low-level).
 * @returns the error to throw
 */
export function readError(error: unknown): ProviderRefused | ProviderUnavailable {
  if (error instanceof ProviderRefused || error instanceof ProviderUnavailable) return error;
  if (!(error instanceof Stripe.errors.StripeError))
    return new ProviderUnavailable('unknown', { cause: error });
  const { statusCode = 0, rawType, headers } = error;
  const isReplay = headers?.['idempotent-replayed'] === 'true';
  // The key was used with other parameters, and cannot be used for these.
  if (rawType === 'idempotency_error' && statusCode === 400)
    return new ProviderUnavailable('unknown', { cause: error, keyIsSpent: true });
  // 401 and 403 concern our API key, not the payment.
  if (statusCode === 429 || statusCode === 401 || statusCode === 403)
    return new ProviderUnavailable('not-sent', { cause: error });
  // 409: a request with this key is still in progress.
  if (statusCode === 409 || statusCode < 400) return new ProviderUnavailable('unknown', { cause: error });
  // An error of the API itself is stored under its key and returned again; one of a proxy in front of it is not.
  if (statusCode >= 500)
    return new ProviderUnavailable('unknown', {
      cause: error,
      keyIsSpent: isReplay || (statusCode === 500 && rawType === 'api_error'),
    });
  return refusal(error.decline_code ?? error.code ?? rawType);
}

/** The intent in the error of a declined confirmation. */
export const declinedIntent = (error: unknown): Stripe.PaymentIntent | undefined =>
  error instanceof Stripe.errors.StripeCardError ? error.payment_intent : undefined;
