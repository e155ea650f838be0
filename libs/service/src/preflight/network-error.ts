/** What prevents reaching a server, as a sentence. */
export interface Obstacle {
  readonly problem: string;
  /** What to do about it, unless the address is wrong. */
  readonly remedy?: string;
}

const notTrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
]);

/**
 * @param error of a socket, of TLS, or of a library around them
 * @param authority the variable or value that names the authorities to trust for this server
 */
export function obstacleOf(error: unknown, authority: string): Obstacle {
  const code = codeOf(error);
  if (code === 'ECONNREFUSED') return { problem: 'nothing listens there (ECONNREFUSED)' };
  if (code === 'ETIMEDOUT' || code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'EHOSTUNREACH')
    return {
      problem: `nobody responds there (${code})`,
      remedy: "let this pod's traffic there through (global.networkPolicy)",
    };
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return { problem: 'its certificate is of another name', remedy: 'use a name that is in the certificate' };
  if (code === 'CERT_HAS_EXPIRED')
    return { problem: 'its certificate has expired', remedy: 'renew the certificate' };
  if (code !== undefined && notTrusted.has(code))
    return {
      problem: `its certificate is of an authority that is not trusted here (${code})`,
      remedy: `name the authority in ${authority}`,
    };
  return { problem: code ?? firstMessage(error) };
}

/** Connecting to several addresses of a name fails with all their errors; the first is enough. */
function codeOf(error: unknown): string | undefined {
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown[] };
  if (typeof code === 'string' && code !== '') return code;
  if (errors?.[0] !== undefined) return codeOf(errors[0]);
  return cause === undefined || cause === null ? undefined : codeOf(cause);
}

function firstMessage(error: unknown): string {
  const { message, cause } = error as Error;
  // Wrapping errors, such as fetch's, only say that it failed.
  return cause === undefined ? (message || 'unknown').split('\n')[0]! : firstMessage(cause);
}
