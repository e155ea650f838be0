import { NoFacts } from './facts';
import { defineTemplate } from './template';

export const welcome = defineTemplate({
  facts: NoFacts,
  category: 'account',
  goodForHours: 7 * 24,
  notice: {
    kind: 'welcome',
    write: () => ({ title: 'Welcome', text: 'Your account is ready.' }),
  },
  write: (_facts, { publicUrl }) => ({
    subject: 'Welcome to Bulkhead',
    paragraphs: ['Your account is ready. We are glad that you are here.'],
    action: { label: 'Go to the shop', url: publicUrl },
  }),
});
