declare const BULKHEAD_VERSION: string | undefined;

/** The release, set when the app is bundled. */
export const version: string = typeof BULKHEAD_VERSION === 'string' ? BULKHEAD_VERSION : 'development';
