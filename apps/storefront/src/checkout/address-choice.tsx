import { useState } from 'react';
import { AddressFields, linesOf } from '../account/address-fields';
import type { Address, NewAddress } from '../api/types';
import { useLanguage } from '../language/language-provider';
import { useShop } from '../shop';
import { useLoad } from '../ui/use-load';

interface AddressChoiceProps {
  /** The id of an address of the person, `other` for one that they type, or `none`. */
  readonly chosen: string | undefined;
  readonly choose: (id: string, address: Address | undefined) => void;
  readonly problemOf: (field: keyof NewAddress) => string | undefined;
}

/** Where the order is to go: an address that is kept, or another one. With profile down, one can be typed all the same. */
export function AddressChoice({ chosen, choose, problemOf }: AddressChoiceProps) {
  const { t } = useLanguage();
  const { session } = useShop();
  const [isAsked, setIsAsked] = useState(false);
  const { value } = useLoad('addresses', async (signal) => {
    const kept = await session.ask<{ readonly items: readonly Address[] }>('/api/v1/me/addresses', {
      signal,
    });
    const [first] = kept.items;
    if (first && !isAsked && chosen === 'none') choose(first.id, first);
    setIsAsked(true);
    return kept;
  });
  const option = (id: string, name: string, about: string | undefined, address?: Address) => (
    <label key={id} className="choice">
      <input
        type="radio"
        name="address"
        value={id}
        checked={chosen === id}
        onChange={() => choose(id, address)}
      />
      <span>
        {address ? <span translate="no">{name}</span> : name}
        {about && (
          <span className="muted" translate={address ? 'no' : undefined}>
            {about}
          </span>
        )}
      </span>
    </label>
  );
  return (
    <>
      {value?.items.map((address) =>
        option(address.id, address.recipient, linesOf(address).join(', '), address),
      )}
      {option('other', t.checkout.otherAddress, undefined)}
      {option('none', t.checkout.noAddress, t.checkout.noAddressAbout)}
      {chosen === 'other' && (
        <div className="form">
          <AddressFields problemOf={problemOf} />
        </div>
      )}
    </>
  );
}
