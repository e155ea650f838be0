import { NoFacts } from './facts';
import { defineTemplate } from './template';

export const passwordChanged = defineTemplate({
  facts: NoFacts,
  category: 'account',
  goodForHours: 7 * 24,
  notice: {
    kind: 'password-changed',
    write: () => ({
      title: 'Your password was changed',
      text: 'If it was not you, set a new password at once.',
    }),
  },
  write: (_facts, { publicUrl }) => ({
    subject: 'Your password was changed',
    paragraphs: [
      'The password of your account was just changed, and all other sessions were ended.',
      'If it was not you, set a new password at once.',
    ],
    action: { label: 'Set a new password', url: `${publicUrl}/reset-password` },
  }),
});
