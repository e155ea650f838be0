/** Where a test lets the process die; everywhere else it does nothing. */
export type CrashPoint = (name: CrashPointName) => Promise<void> | void;

/** The provider has answered, and nothing of it is recorded yet. */
export type CrashPointName = `${'authorise' | 'capture' | 'void' | 'refund'}-answered`;

export const neverCrash: CrashPoint = () => undefined;
