import type { Address, NewAddress } from '../api/types';
import { Failure } from '../ui/notice';
import { TextField } from '../ui/text-field';
import { useSubmit } from '../ui/use-submit';

interface AddressFormProps {
  /** The one that is changed; without it, a new one is added. */
  readonly address?: Address;
  readonly save: (address: NewAddress) => Promise<void>;
  readonly cancel?: () => void;
}

const orNull = (text: string | undefined) => (text ? text : null);

export function AddressForm({ address, save, cancel }: AddressFormProps) {
  const { isSending, error, onSubmit, problemOf } = useSubmit(
    ({ recipient = '', line1 = '', line2, postalCode = '', city = '', region, country = '' }) =>
      save({
        recipient,
        line1,
        line2: orNull(line2),
        postalCode,
        city,
        region: orNull(region),
        country: country.toUpperCase(),
      }),
  );
  const field = (
    name: keyof NewAddress,
    label: string,
    autoComplete: string,
    more: object = { required: true },
  ) => (
    <TextField
      label={label}
      name={name}
      autoComplete={autoComplete}
      defaultValue={address?.[name] ?? ''}
      problem={problemOf(name)}
      {...more}
    />
  );
  return (
    <form className="form" onSubmit={onSubmit} aria-busy={isSending}>
      {error !== undefined && <Failure error={error} what="The address" />}
      {field('recipient', 'Recipient', 'name')}
      {field('line1', 'Street and number', 'address-line1')}
      {field('line2', 'Further line (optional)', 'address-line2', {})}
      {field('postalCode', 'Postal code', 'postal-code')}
      {field('city', 'City', 'address-level2')}
      {field('region', 'Region (optional)', 'address-level1', {})}
      {field('country', 'Country', 'country', {
        required: true,
        maxLength: 2,
        hint: 'Two letters, such as DE',
      })}
      <div className="actions">
        <button type="submit" className="primary" disabled={isSending}>
          {isSending ? 'Saving …' : address ? 'Save the address' : 'Add the address'}
        </button>
        {cancel && (
          <button type="button" onClick={cancel}>
            Leave it as it is
          </button>
        )}
      </div>
    </form>
  );
}
