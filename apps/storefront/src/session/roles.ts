/**
 * The roles in an access token (RFC 9068), unverified: for display only.
 * @returns none if the token cannot be parsed
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
