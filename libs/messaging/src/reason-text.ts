import { printable } from './printable';

const longestReason = 300;

/** A reason as it travels in a message header and is shown to operators: at most 300 characters, none for control. */
export const reasonText = (text: string): string => printable(text.slice(0, longestReason));
