import { rolesIn } from './roles';

const tokenOf = (claims: object) =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;

test('the roles are those of the token', () => {
  expect(rolesIn(tokenOf({ roles: ['customer', 'admin'], name: 'Zoë ÿ' }))).toEqual(['customer', 'admin']);
});

test.each(['', 'no token', 'a.b.c', tokenOf({}), tokenOf({ roles: 'admin' })])('%s names none', (token) => {
  expect(rolesIn(token)).toEqual([]);
});
