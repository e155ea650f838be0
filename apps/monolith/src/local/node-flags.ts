/**
 * With what flags Node.js runs a bundle: everywhere the same, so that what is measured here holds there. `npm start`, the
 * Dockerfile and the chart say them for themselves.
 *
 * The young generation would grow to 128 MiB on a large machine, and an idle process keeps it; in a pod with a limit of
 * 384 MiB it would stop at 2 MiB, which costs more collections.
 */
export const nodeFlags: readonly string[] = ['--enable-source-maps', '--max-semi-space-size=8'];
