import { z } from 'zod';
import { text } from '../primitives';
import { Country } from './country';

/** An address as somebody gives it. */
export const addressFields = {
  recipient: text(1, 100),
  line1: text(1, 200),
  line2: text(0, 200).nullable().default(null),
  postalCode: text(1, 20),
  city: text(1, 100),
  region: text(0, 100).nullable().default(null),
  country: Country,
};

/** An address as it was given. */
export const postalAddressFields = {
  recipient: z.string(),
  line1: z.string(),
  line2: z.string().nullable(),
  postalCode: z.string(),
  city: z.string(),
  region: z.string().nullable(),
  country: z.string(),
};
