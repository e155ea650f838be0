import { runService } from '@bulkhead/service/runtime/run-service';
import { authService } from './app';
import { runRevokeCommand } from './keys/revoke-command';

if (process.argv[2] === 'revoke-signing-keys')
  void runRevokeCommand(process.env).then((code) => (process.exitCode = code));
else void runService(authService);
