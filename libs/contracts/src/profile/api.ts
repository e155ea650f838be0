import { z } from 'zod';
import { PersonName } from '../auth/schemas';
import { defineEndpoint } from '../endpoint';
import { Locale } from '../places/locale';
import { addressFields, postalAddressFields } from '../places/postal-address';
import { IfMatchHeader } from '../preconditions';
import { Id, Timestamp, list } from '../primitives';
import { erasingServices } from '../services';

const tag = 'profile';

export const Preferences = z
  .object({ orderMail: z.boolean().meta({ description: 'mails about the progress of orders' }) })
  .meta({ id: 'Preferences', description: 'Notification preferences of a person' });

export const Profile = z
  .object({
    id: Id,
    email: z.string(),
    name: z.string(),
    locale: z.string(),
    preferences: Preferences,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Profile', description: 'The personal data of a user' });

export const NewAddress = z
  .object(addressFields)
  .meta({ id: 'AddressDraft', description: 'An address as a person writes it' });

export const Address = z
  .object({
    id: Id,
    ...postalAddressFields,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Address', description: 'A postal address of a person' });

/** Maximum number of addresses per person. */
export const maxAddresses = 20;

/** The services that store personal data, besides profile. */
const ErasingService = z
  .enum(erasingServices)
  .meta({ id: 'ErasingService', description: 'A service that stores personal data' });

export const Erasure = z
  .object({
    id: Id,
    requestedAt: Timestamp,
    completedAt: Timestamp.nullable(),
    services: z.array(
      z
        .object({
          service: ErasingService,
          answeredAt: Timestamp.nullable().meta({ description: 'null: not yet' }),
        })
        .meta({ id: 'ErasureStep', description: 'Whether a service has erased the person' }),
    ),
  })
  .meta({ id: 'Erasure', description: 'How far the erasure of a person is' });

export const DataExport = z
  .object({
    generatedAt: Timestamp,
    profile: Profile,
    addresses: z.array(Address),
    services: z.array(
      z
        .object({ service: ErasingService, items: z.array(z.record(z.string(), z.unknown())) })
        .meta({ id: 'ServiceExport', description: 'What one service stores about the person' }),
    ),
    incomplete: z
      .array(ErasingService)
      .meta({ description: 'services that could not be asked; try again later' }),
  })
  .meta({ id: 'DataExport', description: 'Everything the shop stores about a person' });

const ChangedPreferences = z
  .strictObject({
    orderMail: z
      .boolean()
      .nullable()
      .optional()
      .meta({ description: 'mails about the progress of orders; null: the default' }),
  })
  .meta({ id: 'ChangedPreferences', description: 'What to change of the preferences' });

const addressParams = z.object({ addressId: Id });
const versionHeader = { etag: { description: 'version of the profile, for If-Match' } };

export const profileApi = {
  getProfile: defineEndpoint({
    operationId: 'getProfile',
    method: 'get',
    path: '/api/v1/me',
    summary: 'Get the own profile',
    description: 'Its ETag is for the If-Match of `updateProfile`.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    responses: { 200: { description: 'The profile', schema: Profile, headers: versionHeader } },
    problems: ['not-found'],
  }),
  updateProfile: defineEndpoint({
    operationId: 'updateProfile',
    method: 'patch',
    path: '/api/v1/me',
    summary: 'Change the own profile',
    description:
      'A JSON merge patch (RFC 7396): what is absent stays, null goes back to the default. With If-Match it only ' +
      'changes the version that was read.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    headers: IfMatchHeader,
    body: z.object({
      name: PersonName.optional(),
      locale: Locale.nullable().optional(),
      preferences: ChangedPreferences.nullable().optional(),
    }),
    responses: { 200: { description: 'The profile as it is now', schema: Profile, headers: versionHeader } },
    problems: ['not-found', 'precondition-failed'],
  }),
  listAddresses: defineEndpoint({
    operationId: 'listAddresses',
    method: 'get',
    path: '/api/v1/me/addresses',
    summary: 'List the own addresses',
    description: 'Addresses are the signed-in person’s own; others never see them.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    responses: {
      200: {
        description: `All addresses, at most ${maxAddresses}`,
        schema: list(Address),
      },
    },
    problems: ['not-found'],
  }),
  createAddress: defineEndpoint({
    operationId: 'createAddress',
    method: 'post',
    path: '/api/v1/me/addresses',
    summary: 'Add an address',
    description: 'One more than may be kept is a `conflict`.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    body: NewAddress,
    responses: {
      201: {
        description: 'Added',
        schema: Address,
        headers: { location: { description: 'path of the address' } },
      },
    },
    problems: ['not-found', 'conflict'],
  }),
  getAddress: defineEndpoint({
    operationId: 'getAddress',
    method: 'get',
    path: '/api/v1/me/addresses/{addressId}',
    summary: 'Get an own address',
    description: 'An address of somebody else is `not-found`.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    params: addressParams,
    responses: { 200: { description: 'The address', schema: Address } },
    problems: ['not-found'],
  }),
  replaceAddress: defineEndpoint({
    operationId: 'replaceAddress',
    method: 'put',
    path: '/api/v1/me/addresses/{addressId}',
    summary: 'Replace an own address',
    description: 'Takes the whole address: an optional line that is left out is empty afterwards.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    params: addressParams,
    body: NewAddress,
    responses: { 200: { description: 'The address as it is now', schema: Address } },
    problems: ['not-found'],
  }),
  deleteAddress: defineEndpoint({
    operationId: 'deleteAddress',
    method: 'delete',
    path: '/api/v1/me/addresses/{addressId}',
    summary: 'Delete an own address',
    description: 'An address that is gone already is `not-found`.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    params: addressParams,
    responses: { 204: { description: 'Deleted' } },
    problems: ['not-found'],
  }),
  exportData: defineEndpoint({
    operationId: 'exportData',
    method: 'get',
    path: '/api/v1/me/export',
    summary: 'Exports everything the shop stores about you',
    description: 'Gathered from all services now; those that could not be asked are listed in `incomplete`.',
    tag,
    access: { kind: 'user' },
    liveSession: true,
    priority: 'browse',
    responses: { 200: { description: 'The data', schema: DataExport } },
    problems: ['not-found'],
  }),
  requestErasure: defineEndpoint({
    operationId: 'requestErasure',
    method: 'delete',
    path: '/api/v1/me',
    summary: 'Erases your account and personal data',
    description:
      'Signs out everywhere, ends open orders and erases the person in every service. Asking again before that gives the ' +
      'same erasure. Its progress can be read while the access token is good. The last admin is not erased: the shop needs one.',
    tag,
    access: { kind: 'user' },
    liveSession: true,
    priority: 'browse',
    responses: {
      202: {
        description: 'Begun',
        schema: Erasure,
        headers: { location: { description: 'where its progress is' } },
      },
    },
    problems: ['not-found', 'conflict'],
  }),
  getErasure: defineEndpoint({
    operationId: 'getErasure',
    method: 'get',
    path: '/api/v1/me/erasure',
    summary: 'How far the own erasure is',
    description: 'Can be read while the access token is good.',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    responses: { 200: { description: 'Which services have confirmed the erasure', schema: Erasure } },
    problems: ['not-found'],
  }),
} as const;

export const profileInternal = {
  erasure: defineEndpoint({
    operationId: 'profileErasure',
    method: 'get',
    path: '/internal/profiles/{userId}/erasure',
    summary: 'Whether a person has requested erasure',
    description:
      'Asked by each service before it erases. No erasure is a successful response: not found would also be said by a ' +
      'release of profile that does not know the question.',
    tag,
    access: { kind: 'service', callers: erasingServices },
    priority: 'browse',
    params: z.object({ userId: Id }),
    responses: {
      200: {
        description: 'The erasure that was requested',
        schema: z.object({ erasureId: Id.nullable().meta({ description: 'null: none was requested' }) }),
      },
    },
  }),
  contact: defineEndpoint({
    operationId: 'profileContact',
    method: 'get',
    path: '/internal/profiles/{userId}/contact',
    summary: 'How to reach a person',
    description:
      'Not found while profile has not heard of them, and once notification has said its farewell.',
    tag,
    access: { kind: 'service', callers: ['notification'] },
    priority: 'buy',
    params: z.object({ userId: Id }),
    responses: {
      200: {
        description: 'Name and address',
        schema: z.object({
          userId: Id,
          name: z.string(),
          email: z.string(),
          locale: z.string(),
          orderMail: z.boolean(),
        }),
      },
    },
    problems: ['not-found'],
  }),
} as const;
