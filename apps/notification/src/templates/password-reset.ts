import { NoFacts } from './facts';
import { defineTemplate } from './template';

export const passwordReset = defineTemplate({
  facts: NoFacts,
  category: 'account',
  token: 'password-reset',
  goodForHours: 24,
  write: (_facts, { publicUrl, token }) => ({
    subject: 'Set a new password',
    paragraphs: [
      'Somebody, hopefully you, asked to set a new password. The link is good once, and for a limited time.',
      'If it was not you, you need do nothing: your password stays as it is.',
    ],
    action: { label: 'Set a new password', url: `${publicUrl}/reset-password#token=${token}` },
  }),
});
