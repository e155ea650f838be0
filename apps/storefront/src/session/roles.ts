/**
 * The roles that an access token names (RFC 9068), unverified: for what is shown.
 * @returns none where the token cannot be read
 */
export function rolesIn(token: string): readonly string[] {
  try {
    const [, payload = ''] = token.split('.');
    const { roles } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as {
      roles?: unknown;
    };
    return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
  } catch {
    return [];
  }
}
