import { MigrationError } from '@bulkhead/database/migrate';
import { ConfigError } from '../config';
import { PromiseBroken } from './promised-endpoints';

/**
 * Why something cannot start, for the person who starts it: a sentence where they can do something about it, the stack
 * of anything else.
 */
export function explainStart(error: unknown): string {
  if (error instanceof ConfigError || error instanceof MigrationError || error instanceof PromiseBroken)
    return error.message;
  const { code, syscall, message, stack } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return `${message}. Something else listens there, perhaps this already; stop it, or set PORT or ADMIN_PORT to another port.`;
  if (code === 'EACCES' && syscall === 'listen')
    return `${message}. Ports below 1024 are the system's; set PORT or ADMIN_PORT to another port.`;
  // What the system refused says itself what it was: no place, no right to write, no such address.
  return syscall === undefined ? (stack ?? message) : message;
}
