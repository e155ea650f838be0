import { Id } from '@bulkhead/contracts/primitives';
import { z } from 'zod';
import { defineTemplate } from './template';

/** The last mail to a person who is being erased. Their name is known only while it is being sent. */
export const farewell = defineTemplate({
  facts: z.object({ erasureId: Id }),
  category: 'account',
  goodForHours: 3 * 24,
  write: () => ({
    subject: 'Your account is deleted',
    paragraphs: [
      'As you asked, we have deleted your account and all that we knew of you. Only what the law makes us keep about ' +
        'purchases stays, without your name.',
      'This is our last mail to you. Farewell.',
    ],
  }),
});
