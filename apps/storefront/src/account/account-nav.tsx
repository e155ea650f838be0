import { PageChips } from '../ui/page-chips';

const pages = [
  ['account', 'Profile'],
  ['addresses', 'Addresses'],
  ['sessions', 'Sessions'],
  ['ownData', 'Your data'],
] as const;

/** The pages about the person who is signed in. */
export const AccountNav = () => <PageChips label="Account" pages={pages} />;
