import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { subscribe, type Subscription } from '@bulkhead/messaging/subscription';
import { eraseAccount } from '../accounts/erase-account';
import type { Auth } from '../auth';

/** Erases a person's data after profile has announced their request. */
export const erasureSubscription = (auth: Auth): Subscription =>
  subscribe(subscriptions.authErasure, ({ data }, { tx }) =>
    auth.database.join(tx, (joined) => eraseAccount(auth, joined, data)),
  );
