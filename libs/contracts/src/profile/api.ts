import { z } from 'zod';
import { PersonName } from '../auth/schemas';
import { defineEndpoint } from '../endpoint';
import { Country } from '../places/country';
import { Locale } from '../places/locale';
import { IfMatchHeader } from '../preconditions';
import { Id, text, Timestamp } from '../primitives';

const tag = 'profile';

export const Preferences = z
  .object({ orderMail: z.boolean().meta({ description: 'mails about the progress of orders' }) })
  .meta({ id: 'Preferences' });

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
  .meta({ id: 'Profile' });

const addressFields = {
  recipient: text(1, 100),
  line1: text(1, 200),
  line2: text(0, 200).nullable().default(null),
  postalCode: text(1, 20),
  city: text(1, 100),
  region: text(0, 100).nullable().default(null),
  country: Country,
};

export const NewAddress = z.object(addressFields).meta({ id: 'NewAddress' });

export const Address = z
  .object({
    id: Id,
    recipient: z.string(),
    line1: z.string(),
    line2: z.string().nullable(),
    postalCode: z.string(),
    city: z.string(),
    region: z.string().nullable(),
    country: z.string(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Address' });

/** Most addresses a person may keep. */
export const maxAddresses = 20;

/** The services that hold something of a person, besides profile. */
export const erasingServices = ['auth', 'order', 'payment', 'notification'] as const;
const ErasingService = z.enum(erasingServices);
export type ErasingService = (typeof erasingServices)[number];

export const Erasure = z
  .object({
    id: Id,
    requestedAt: Timestamp,
    completedAt: Timestamp.nullable(),
    services: z.array(
      z.object({
        service: ErasingService,
        answeredAt: Timestamp.nullable().meta({ description: 'null: not yet' }),
      }),
    ),
  })
  .meta({ id: 'Erasure' });

export const DataExport = z
  .object({
    generatedAt: Timestamp,
    profile: Profile,
    addresses: z.array(Address),
    services: z.array(
      z.object({ service: ErasingService, items: z.array(z.record(z.string(), z.unknown())) }),
    ),
    incomplete: z
      .array(ErasingService)
      .meta({ description: 'services that could not be asked; try again later' }),
  })
  .meta({ id: 'DataExport' });

const addressParams = z.object({ addressId: Id });
const versionHeader = { etag: { description: 'version of the profile, for If-Match' } };

export const profileApi = {
  getProfile: defineEndpoint({
    operationId: 'getProfile',
    method: 'get',
    path: '/api/v1/me',
    summary: 'Get the own profile',
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
      preferences: z.strictObject({ orderMail: z.boolean().nullable().optional() }).nullable().optional(),
    }),
    responses: { 200: { description: 'The profile as it is now', schema: Profile, headers: versionHeader } },
    problems: ['not-found', 'precondition-failed'],
  }),
  listAddresses: defineEndpoint({
    operationId: 'listAddresses',
    method: 'get',
    path: '/api/v1/me/addresses',
    summary: 'List the own addresses',
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    responses: {
      200: {
        description: `All addresses, at most ${maxAddresses}`,
        schema: z.object({ items: z.array(Address) }),
      },
    },
    problems: ['not-found'],
  }),
  createAddress: defineEndpoint({
    operationId: 'createAddress',
    method: 'post',
    path: '/api/v1/me/addresses',
    summary: 'Add an address',
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
    summary: 'Everything the shop holds about you',
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
    summary: 'Be forgotten',
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
    tag,
    access: { kind: 'user' },
    priority: 'browse',
    responses: { 200: { description: 'Which services have answered', schema: Erasure } },
    problems: ['not-found'],
  }),
} as const;

export const profileInternal = {
  erasure: defineEndpoint({
    operationId: 'profileErasure',
    method: 'get',
    path: '/internal/profiles/{userId}/erasure',
    summary: 'Whether a person asked to be forgotten',
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
