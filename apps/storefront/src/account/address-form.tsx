import type { Address, NewAddress } from '../api/types';
import { Failure } from '../ui/notice';
import { useSubmit } from '../ui/use-submit';
import { AddressFields, addressFrom } from './address-fields';
import { useLanguage } from '../language/language-provider';

interface AddressFormProps {
  /** The address to change; without it, a new one is added. */
  readonly address?: Address;
  readonly save: (address: NewAddress) => Promise<void>;
  readonly cancel?: () => void;
}

export function AddressForm({ address, save, cancel }: AddressFormProps) {
  const { t } = useLanguage();
  const { isSending, error, onSubmit, problemOf } = useSubmit((fields) => save(addressFrom(fields)));
  return (
    <form className="form" onSubmit={onSubmit} aria-busy={isSending}>
      {error !== undefined && <Failure error={error} what={t.parts.address} />}
      <AddressFields address={address} problemOf={problemOf} />
      <div className="actions">
        <button type="submit" className="primary" disabled={isSending}>
          {isSending ? t.shop.saving : address ? t.addresses.save : t.addresses.add}
        </button>
        {cancel && (
          <button type="button" onClick={cancel}>
            {t.addresses.leave}
          </button>
        )}
      </div>
    </form>
  );
}
