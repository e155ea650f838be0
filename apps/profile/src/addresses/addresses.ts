import {
  type Address as AddressSchema,
  maxAddresses,
  type NewAddress,
} from '@bulkhead/contracts/profile/api';
import { problem } from '@bulkhead/service/errors';
import type { z } from 'zod';
import type { Address } from '../generated/prisma/client';
import type { ProfileService } from '../profile-service';

type AddressFields = z.output<typeof NewAddress>;

/** The addresses of a person, oldest first. */
export const listAddresses = ({ prisma }: ProfileService, userId: string): Promise<Address[]> =>
  prisma.address.findMany({ where: { userId }, orderBy: { id: 'asc' }, take: maxAddresses });

/** @throws ProblemError not-found, for addresses of others too */
export async function getAddress(
  { prisma }: Pick<ProfileService, 'prisma'>,
  userId: string,
  id: string,
): Promise<Address> {
  const address = await prisma.address.findFirst({ where: { id, userId } });
  if (!address) throw noSuchAddress();
  return address;
}

/**
 * Adds an address. The lock on the profile keeps additions at the same time from passing the limit together.
 * @throws ProblemError conflict when the person has as many as they may; not-found
 */
export async function addAddress(
  { database, ids, prisma }: ProfileService,
  userId: string,
  fields: AddressFields,
): Promise<Address> {
  const id = ids.next();
  await database.transaction(async (tx) => {
    const profile = await tx.query({
      text: 'select from profiles where user_id = $1 for update',
      values: [userId],
    });
    if (profile.rowCount === 0) throw problem('not-found');
    const { recipient, line1, line2, postalCode, city, region, country } = fields;
    const { rowCount } = await tx.query({
      text: `insert into addresses (id, user_id, recipient, line1, line2, postal_code, city, region, country)
        select $1, $2, $3, $4, $5, $6, $7, $8, $9
        where (select count(*) from addresses where user_id = $2) < $10::int`,
      values: [id, userId, recipient, line1, line2, postalCode, city, region, country, maxAddresses],
    });
    if (rowCount === 0)
      throw problem('conflict', `At most ${maxAddresses} addresses can be saved. Delete one first.`);
  });
  return prisma.address.findUniqueOrThrow({ where: { id } });
}

/** @throws ProblemError not-found, for addresses of others too */
export async function replaceAddress(
  { prisma, database }: ProfileService,
  userId: string,
  id: string,
  { recipient, line1, line2, postalCode, city, region, country }: AddressFields,
): Promise<Address> {
  const { rowCount } = await database.query({
    text: `update addresses set recipient = $3, line1 = $4, line2 = $5, postal_code = $6, city = $7, region = $8,
        country = $9, updated_at = now()
      where id = $1 and user_id = $2`,
    values: [id, userId, recipient, line1, line2, postalCode, city, region, country],
  });
  if (rowCount === 0) throw noSuchAddress();
  return getAddress({ prisma }, userId, id);
}

/** @throws ProblemError not-found, for addresses of others too */
export async function deleteAddress({ prisma }: ProfileService, userId: string, id: string): Promise<void> {
  const { count } = await prisma.address.deleteMany({ where: { id, userId } });
  if (count === 0) throw noSuchAddress();
}

const noSuchAddress = () => problem('not-found', 'There is no such address.');

export const showAddress = ({
  userId: _owner,
  createdAt,
  updatedAt,
  ...fields
}: Address): z.input<typeof AddressSchema> => ({
  ...fields,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
