/**
 * The Node.js flags for running a bundle: the same everywhere, so that measurements here are valid there. `npm start`,
 * the Dockerfile and the chart repeat them.
 *
 * The young generation would grow to 128 MiB on a large machine, and an idle process keeps it; in a pod with a limit of
 * 384 MiB it would be limited to 2 MiB, which causes more collections.
 */
export const nodeFlags: readonly string[] = ['--enable-source-maps', '--max-semi-space-size=8'];
