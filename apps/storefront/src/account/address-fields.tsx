import type { Address, NewAddress } from '../api/types';
import { useLanguage } from '../language/language-provider';
import { TextField } from '../ui/text-field';

interface AddressFieldsProps {
  /** Initial values of the fields. */
  readonly address?: Address | undefined;
  /** The API's validation message for a field. */
  readonly problemOf: (field: keyof NewAddress) => string | undefined;
}

/** The fields of an address, named as in the API. */
export function AddressFields({ address, problemOf }: AddressFieldsProps) {
  const { t } = useLanguage();
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
    <>
      {field('recipient', t.addresses.recipient, 'name')}
      {field('line1', t.addresses.line1, 'address-line1')}
      {field('line2', t.addresses.line2, 'address-line2', {})}
      {field('postalCode', t.addresses.postalCode, 'postal-code')}
      {field('city', t.addresses.city, 'address-level2')}
      {field('region', t.addresses.region, 'address-level1', {})}
      {field('country', t.addresses.country, 'country', {
        required: true,
        maxLength: 2,
        hint: t.addresses.countryHint,
      })}
    </>
  );
}

/** Builds an address from the values of its fields. */
export const addressFrom = (fields: Readonly<Record<string, string>>): NewAddress => ({
  recipient: fields['recipient'] ?? '',
  line1: fields['line1'] ?? '',
  line2: fields['line2'] || null,
  postalCode: fields['postalCode'] ?? '',
  city: fields['city'] ?? '',
  region: fields['region'] || null,
  country: (fields['country'] ?? '').toUpperCase(),
});

/** An address as the lines of a label. */
export const linesOf = ({ line1, line2, postalCode, city, region, country }: NewAddress): readonly string[] =>
  [line1, line2, `${postalCode} ${city}`, region, country].filter(
    (line) => typeof line === 'string' && line !== '',
  ) as string[];
