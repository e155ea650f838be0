import { AddressFields, linesOf } from '../account/address-fields';
import type { Address, NewAddress } from '../api/types';
import { useLanguage } from '../language/language-provider';

/** The destination of an order: a saved address, one entered in the form (`other`), or none. */
export type ShipTo = Address | 'other' | 'none';

interface AddressChoiceProps {
  readonly saved: readonly Address[];
  readonly chosen: ShipTo;
  readonly choose: (shipTo: ShipTo) => void;
  readonly problemOf: (field: keyof NewAddress) => string | undefined;
}

/** While profile is down there are no saved addresses, but one can still be entered. */
export function AddressChoice({ saved, chosen, choose, problemOf }: AddressChoiceProps) {
  const { t } = useLanguage();
  const option = (shipTo: ShipTo, name: string, about?: string) => {
    const isAddress = typeof shipTo === 'object';
    return (
      <label key={idOf(shipTo)} className="choice">
        <input
          type="radio"
          name="address"
          value={idOf(shipTo)}
          checked={idOf(chosen) === idOf(shipTo)}
          onChange={() => choose(shipTo)}
        />
        <span>
          {isAddress ? <span translate="no">{name}</span> : name}
          {about && (
            <span className="muted" translate={isAddress ? 'no' : undefined}>
              {about}
            </span>
          )}
        </span>
      </label>
    );
  };
  return (
    <>
      {saved.map((address) => option(address, address.recipient, linesOf(address).join(', ')))}
      {option('other', t.checkout.otherAddress)}
      {option('none', t.checkout.noAddress, t.checkout.noAddressAbout)}
      {chosen === 'other' && (
        <div className="form">
          <AddressFields problemOf={problemOf} />
        </div>
      )}
    </>
  );
}

const idOf = (shipTo: ShipTo): string => (typeof shipTo === 'object' ? shipTo.id : shipTo);
