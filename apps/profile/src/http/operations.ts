import { profileApi, profileInternal } from '@bulkhead/contracts/profile/api';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { etagOf, ifMatch } from '@bulkhead/service/http/preconditions';
import {
  addAddress,
  deleteAddress,
  getAddress,
  listAddresses,
  replaceAddress,
  showAddress,
} from '../addresses/addresses';
import { getErasure } from '../erasure/erasure-status';
import { findErasure } from '../erasure/find-erasure';
import { requestErasure } from '../erasure/request-erasure';
import { exportData } from '../export/export-data';
import type { Profile } from '../generated/prisma/client';
import type { ProfileService } from '../profile-service';
import { getContact } from '../profiles/contact';
import { getProfile, showProfile } from '../profiles/get-profile';
import { updateProfile } from '../profiles/update-profile';

const profileResponse = (profile: Profile) => ({
  status: 200 as const,
  headers: { etag: etagOf(profile.version) },
  body: showProfile(profile),
});

export const profileOperations = (service: ProfileService): Operation[] => [
  implement(profileApi.getProfile, async (_request, context) =>
    profileResponse(await getProfile(service, context.user.id, context)),
  ),
  implement(profileApi.updateProfile, async ({ headers, body }, context) => {
    const versions = ifMatch(headers['if-match']);
    return profileResponse(await updateProfile(service, context.user.id, body, versions, context));
  }),
  ...addressOperations(service),
  implement(profileApi.exportData, async (_request, context) => ({
    status: 200,
    body: await exportData(service, context.user.id, context),
  })),
  implement(profileApi.requestErasure, async (_request, context) => ({
    status: 202,
    headers: { location: profileApi.getErasure.path },
    body: await requestErasure(service, context.user.id, context),
  })),
  implement(profileApi.getErasure, async (_request, { user }) => ({
    status: 200,
    body: await getErasure(service, user.id),
  })),
  implement(profileInternal.erasure, async ({ params }) => ({
    status: 200,
    body: await findErasure(service, params.userId),
  })),
  implement(profileInternal.contact, async ({ params }) => ({
    status: 200,
    body: await getContact(service, params.userId),
  })),
];

/** Each first ensures that the person has a profile, and has not requested an erasure. */
const addressOperations = (service: ProfileService): Operation[] => [
  implement(profileApi.listAddresses, async (_request, context) => {
    await getProfile(service, context.user.id, context);
    return { status: 200, body: { items: (await listAddresses(service, context.user.id)).map(showAddress) } };
  }),
  implement(profileApi.createAddress, async ({ body }, context) => {
    await getProfile(service, context.user.id, context);
    const address = await addAddress(service, context.user.id, body);
    const location = `${profileApi.createAddress.path}/${address.id}`;
    return { status: 201, headers: { location }, body: showAddress(address) };
  }),
  implement(profileApi.getAddress, async ({ params }, context) => {
    await getProfile(service, context.user.id, context);
    return { status: 200, body: showAddress(await getAddress(service, context.user.id, params.addressId)) };
  }),
  implement(profileApi.replaceAddress, async ({ params, body }, context) => {
    await getProfile(service, context.user.id, context);
    const address = await replaceAddress(service, context.user.id, params.addressId, body);
    return { status: 200, body: showAddress(address) };
  }),
  implement(profileApi.deleteAddress, async ({ params }, context) => {
    await getProfile(service, context.user.id, context);
    await deleteAddress(service, context.user.id, params.addressId);
    return { status: 204 };
  }),
];
