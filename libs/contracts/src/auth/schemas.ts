import { z } from 'zod';
import { extending } from '../extending';
import { Id, text, Timestamp } from '../primitives';

/** atext of RFC 5322 §3.2.3 with the characters that RFC 6531 §3.3 adds, except invisible ones and spaces. */
const atext = String.raw`[^\u0000-\u0020"(),.:;<>@\[\\\]\u007f-\u00a0\u1680\u2000-\u206f\u3000\ufeff]`;
/** RFC 1035 §2.3.1; the last label begins with a letter, so that an IP address is not accepted as a name. */
const domain = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]`;
const mailbox = String.raw`(?=[^@]{1,64}@)${atext}+(?:\.${atext}+)*@${domain}`;

/** Any of those characters, and dots in any position: what was accepted before `Email` became this strict. */
const knownMailbox = String.raw`[^\u0000-\u0020"(),:;<>@\[\\\]\u007f-\u00a0\u1680\u2000-\u206f\u3000\ufeff]{1,64}@${domain}`;

/** RFC 5321 §4.5.3.1 counts octets; its path of 256 leaves 254 between angle brackets. */
const fitsAnEnvelope = (value: string): boolean => {
  const octets = (text: string) => new TextEncoder().encode(text).length;
  const address = value.trim().toLowerCase().normalize('NFC');
  return octets(address) <= 254 && octets(address.slice(0, address.lastIndexOf('@'))) <= 64;
};

/**
 * An address as typed; case and surrounding spaces are ignored. Addresses that no mail server accepts are rejected (RFC
 * 5321 §4.1.2, RFC 6531), and so are quoted local parts and address literals, which hardly any accepts. International
 * domains in their ASCII form only. For all new addresses, including configuration.
 */
export const Email = z
  .string()
  .max(254)
  .regex(new RegExp(`^ *${mailbox} *$`, 'u'), 'must be an email address')
  .refine(fitsAnEnvelope, 'must be an email address of at most 254 bytes, 64 of them before the @')
  .meta({ description: 'email address', examples: ['ada@example.com'] });

/**
 * The address of an account that may be older than the rules of `Email`: its owner can still sign in and reset the
 * password. Every `Email` is one.
 */
export const KnownEmail = z
  .string()
  .max(254)
  .regex(new RegExp(`^ *${knownMailbox} *$`, 'u'), 'must be an email address')
  .meta({ description: 'email address', examples: ['ada@example.com'] });

/**
 * Counted in characters by the pattern (`maxLength` of a JavaScript string counts UTF-16 units): 128 characters are 512
 * bytes at most, which bounds what is hashed.
 */
export const NewPassword = z
  .string()
  .regex(/^[^\u0000-\u001f\u007f]{8,128}$/u, 'must have 8–128 characters, none of them control characters')
  .meta({ description: '8–128 characters', format: 'password', examples: ['correct horse battery staple'] });

export const Password = z
  .string()
  .regex(/^[^\u0000-\u001f\u007f]{1,128}$/u, 'must have 1–128 characters, none of them control characters')
  .meta({ format: 'password', examples: ['correct horse battery staple'] });

export const PersonName = text(1, 100).meta({
  description: 'how the person is addressed',
  examples: ['Ada Lovelace'],
});

/** Opaque to clients: 256 bits in base64url. */
export const OpaqueToken = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, 'is not a token of this shop')
  .meta({ description: 'opaque token', examples: ['mZ3a2sT0p9Xv4yQ1kLr7NbWc8dEfGhJi5uOtRzPqAsM'] });

export const RoleName = z
  .enum(['customer', 'admin'])
  .meta({ id: 'RoleName', description: 'What somebody may do' });

export const Account = z
  .object({
    id: Id,
    email: z.string(),
    emailVerified: z.boolean(),
    roles: z.array(RoleName),
  })
  .meta({ id: 'Account', description: 'Who can sign in. Names and addresses are the profile’s.' });

/** The response for a page in a browser: the refresh token stays in a cookie that scripts cannot read. */
export const BrowserTokens = z
  .object({
    tokenType: z.literal('Bearer'),
    accessToken: z.string().meta({ description: 'JWT (RFC 9068) for the Authorization header' }),
    expiresIn: z
      .int()
      .min(0)
      .max(1_000_000_000)
      .meta({ description: 'seconds that the access token is good for' }),
  })
  .meta({ id: 'BrowserTokens', description: 'The access token, where a cookie holds the refresh token' });

export const Tokens = extending(
  BrowserTokens,
  BrowserTokens.extend({
    refreshToken: z
      .string()
      .meta({ description: 'valid once; the response to its use contains the next one' }),
  }).meta({ id: 'Tokens', description: 'What proves who somebody is, and renews that proof' }),
);

export const SignedIn = z
  .object({ user: Account, tokens: Tokens })
  .meta({ id: 'SignedIn', description: 'Who signed in, and their tokens' });

export const BrowserSignedIn = z
  .object({ user: Account, tokens: BrowserTokens })
  .meta({ id: 'BrowserSignedIn', description: 'Who signed in, and their access token' });

export const Session = z
  .object({
    id: Id,
    createdAt: Timestamp,
    lastUsedAt: Timestamp,
    expiresAt: Timestamp,
    userAgent: z
      .string()
      .nullable()
      .meta({ description: 'as the browser or app named itself when signing in' }),
    current: z.boolean().meta({ description: 'the session that asks' }),
  })
  .meta({ id: 'Session', description: 'A sign-in that lasts' });

export const AccountDetails = extending(
  Account,
  Account.extend({ createdAt: Timestamp }).meta({
    id: 'AccountDetails',
    description: 'An account as staff see it',
  }),
);

/** An entry of the audit log. Closed when written; readers accept later actions as text. */
export const securityEventKinds = [
  'registered',
  'signed-in',
  'sign-in-failed',
  'signed-out',
  'session-revoked',
  'refresh-token-reused',
  'email-verified',
  'password-changed',
  'password-reset',
  'roles-changed',
  'erased',
] as const;
export type SecurityEventKind = (typeof securityEventKinds)[number];

export const SecurityEvent = z
  .object({
    id: Id,
    at: Timestamp,
    kind: z
      .enum(securityEventKinds)
      .meta({ id: 'SecurityEventKind', description: 'What happened to an account' }),
    userId: Id.meta({ description: 'whom it happened to' }),
    actorId: Id.nullable().meta({ description: 'who did it, where that is another person' }),
    sessionId: Id.nullable(),
  })
  .meta({ id: 'SecurityEvent', description: 'Something that happened to an account' });
