/** The outcome of a step in metrics. */
export const stepOutcomes = ['done', 'waits', 'refused', 'unknown', 'not-sent', 'problem'] as const;
export type StepOutcome = (typeof stepOutcomes)[number];
