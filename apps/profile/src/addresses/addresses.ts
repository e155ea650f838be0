import {
  type Address as AddressSchema,
  maxAddresses,
  type NewAddress,
} from '@bulkhead/contracts/profile/api';
import { databaseNow } from '@bulkhead/database/prisma';
import { problem } from '@bulkhead/service/errors';
import type { z } from 'zod';
import type { Address } from '../generated/prisma/client';
import type { ProfileService } from '../profile-service';

type AddressFields = z.output<typeof NewAddress>;

/** The addresses of a person, oldest first. */
export const listAddresses = ({ database }: ProfileService, userId: string): Promise<Address[]> =>
  database.prisma.address.findMany({ where: { userId }, orderBy: { id: 'asc' }, take: maxAddresses });

/** @throws ProblemError not-found, also for other people's addresses */
export async function getAddress({ database }: ProfileService, userId: string, id: string): Promise<Address> {
  const address = await database.prisma.address.findFirst({ where: { id, userId } });
  if (!address) throw noSuchAddress();
  return address;
}

/**
 * Adds an address. The lock on the profile keeps concurrent additions within the limit.
 * @throws ProblemError conflict when the person has the maximum number; not-found
 */
export const addAddress = (
  { database, ids }: ProfileService,
  userId: string,
  fields: AddressFields,
): Promise<Address> =>
  database.transaction(async (tx) => {
    // The client cannot lock a row.
    const profile = await tx.query({
      text: 'select from profiles where user_id = $1 for update',
      values: [userId],
    });
    if (profile.rowCount === 0) throw problem('not-found');
    if ((await tx.prisma.address.count({ where: { userId } })) >= maxAddresses)
      throw problem('conflict', `At most ${maxAddresses} addresses can be saved. Delete one first.`);
    return tx.prisma.address.create({ data: { id: ids.next(), userId, ...columnsOf(fields) } });
  });

/** @throws ProblemError not-found, also for other people's addresses */
export async function replaceAddress(
  { database }: ProfileService,
  userId: string,
  id: string,
  fields: AddressFields,
): Promise<Address> {
  const [address] = await database.prisma.address.updateManyAndReturn({
    where: { id, userId },
    data: { ...columnsOf(fields), updatedAt: databaseNow },
  });
  if (!address) throw noSuchAddress();
  return address;
}

/** @throws ProblemError not-found, also for other people's addresses */
export async function deleteAddress({ database }: ProfileService, userId: string, id: string): Promise<void> {
  const { count } = await database.prisma.address.deleteMany({ where: { id, userId } });
  if (count === 0) throw noSuchAddress();
}

/** The parts of an address; a missing part is empty, also when an address is replaced. */
const columnsOf = ({ recipient, line1, line2, postalCode, city, region, country }: AddressFields) => ({
  recipient,
  line1,
  line2: line2 ?? null,
  postalCode,
  city,
  region: region ?? null,
  country,
});

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
