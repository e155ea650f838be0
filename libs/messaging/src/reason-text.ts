import { printable } from './printable';

const longestReason = 300;

/** A reason as sent in a message header and shown to operators: at most 300 characters, without control characters. */
export const reasonText = (text: string): string => printable(text.slice(0, longestReason));
