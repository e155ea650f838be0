import { problem } from '@bulkhead/service/errors';

/** The first guesses of attackers; shorter ones are rejected for their length. */
const common = new Set([
  '12345678',
  '123456789',
  '1234567890',
  '0123456789',
  '987654321',
  '11111111',
  '00000000',
  '88888888',
  'password',
  'password1',
  'password12',
  'password123',
  'passw0rd',
  'p@ssw0rd',
  'p@ssword',
  'qwertyui',
  'qwertyuiop',
  'qwerty123',
  '1q2w3e4r',
  '1q2w3e4r5t',
  '1qaz2wsx',
  'asdfghjkl',
  'abcd1234',
  'abc12345',
  'iloveyou',
  'sunshine',
  'princess',
  'football',
  'baseball',
  'superman',
  'trustno1',
  'welcome1',
  'letmein1',
  'changeme',
  'changeit',
  'admin123',
  'administrator',
]);

export const isCommonPassword = (password: string): boolean => common.has(password.toLowerCase());

/** @param field the name of the body's member @throws ProblemError invalid-request */
export function refuseCommonPassword(password: string, field: string): void {
  if (isCommonPassword(password))
    throw problem('invalid-request', {
      errors: [{ pointer: `/body/${field}`, detail: 'is a commonly used password; choose another' }],
    });
}
