import { z } from 'zod';
import { defineEvent } from '../event';
import { Id } from '../primitives';

export const userRegistered = defineEvent({
  type: 'user.registered.v1',
  source: 'auth',
  description: 'A person registered. Carries no address: who needs one asks for it.',
  data: z.object({ userId: Id }),
});

export const emailVerificationRequested = defineEvent({
  type: 'user.email-verification-requested.v1',
  source: 'auth',
  description: 'A mail with a verification link is due. The token is made when the mail is sent.',
  data: z.object({ userId: Id }),
});

export const passwordResetRequested = defineEvent({
  type: 'user.password-reset-requested.v1',
  source: 'auth',
  description: 'A mail with a reset link is due. The token is made when the mail is sent.',
  data: z.object({ userId: Id }),
});

export const passwordChanged = defineEvent({
  type: 'user.password-changed.v1',
  source: 'auth',
  description: 'The password was changed or reset; the person is notified.',
  data: z.object({ userId: Id }),
});
