/** Where a test crashes the process; otherwise a no-op. */
export type CrashPoint = (name: CrashPointName) => Promise<void> | void;

/** The provider has responded, and nothing of it is recorded yet. */
export type CrashPointName = `${'authorise' | 'capture' | 'void' | 'refund'}-answered`;

export const neverCrash: CrashPoint = () => undefined;
