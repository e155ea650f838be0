import { z } from 'zod';
import { defineEvent } from '../event';
import { Id } from '../primitives';

export const erasureRequested = defineEvent({
  type: 'user.erasure-requested.v1',
  source: 'profile',
  description: 'A person has requested erasure. Every service with their data erases it and confirms.',
  data: z.object({ userId: Id, erasureId: Id }),
});
