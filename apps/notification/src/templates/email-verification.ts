import { NoFacts } from './facts';
import { defineTemplate } from './template';

export const emailVerification = defineTemplate({
  facts: NoFacts,
  category: 'account',
  token: 'email-verification',
  goodForHours: 3 * 24,
  // The token is in the fragment, which browsers send to no server and so into no log.
  write: (_facts, { publicUrl, token }) => ({
    subject: 'Please confirm your address',
    paragraphs: [
      'Please confirm that this address is yours. The link is good once, and for a limited time.',
      'If you did not register with us, you need do nothing.',
    ],
    action: { label: 'Confirm the address', url: `${publicUrl}/verify-email#token=${token}` },
  }),
});
