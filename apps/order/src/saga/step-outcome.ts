/** What a step came to, as metrics know it. */
export const stepOutcomes = ['done', 'waits', 'refused', 'unknown', 'not-sent', 'problem'] as const;
export type StepOutcome = (typeof stepOutcomes)[number];
