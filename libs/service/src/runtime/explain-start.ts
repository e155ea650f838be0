import { MigrationError } from '@bulkhead/database/migrate';
import { ConfigError } from '../config';
import { PromiseBroken } from './promised-endpoints';

/** Why a start failed, for the operator: a sentence if they can do something about it, the stack for anything else. */
export function explainStart(error: unknown): string {
  if (error instanceof ConfigError || error instanceof MigrationError || error instanceof PromiseBroken)
    return error.message;
  const { code, syscall, message, stack } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return `${message}. Something else listens there, perhaps this already; stop it, or set PORT or ADMIN_PORT to another port.`;
  if (code === 'EACCES' && syscall === 'listen')
    return `${message}. Ports below 1024 are the system's; set PORT or ADMIN_PORT to another port.`;
  // System errors are self-explanatory: no space, no write permission, no such address.
  return syscall === undefined ? (stack ?? message) : message;
}
