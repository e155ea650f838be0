import { describeAuthentication } from './authentication';
import { describeBadInput } from './bad-input';
import { describeBuying } from './buying';
import { createShopClient, type Exchange, type ShopClient } from './client';
import { describePrivacy } from './privacy';

/**
 * What a shop must do, whichever way it runs: tests that know nothing of it but its address.
 * @param origin asked when the tests run, since the shop may be started by a hook before them
 * @param overhear told of every call
 */
export function describeShop(origin: () => string, overhear?: (exchange: Exchange) => void): void {
  const shop = (): ShopClient => createShopClient(origin(), overhear);
  describeBuying(shop);
  describeAuthentication(shop);
  describePrivacy(shop);
  describeBadInput(shop);
}
