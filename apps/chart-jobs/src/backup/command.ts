import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '@bulkhead/service/config';
import { z } from 'zod';
import { ServicesConfig } from '../services/config';
import { environmentOf } from '../services/mounted';
import { ownerLogin, passwordLine, serviceSection } from './login';
import { backupScript } from './script';

const BackupConfig = ServicesConfig.extend({
  PREPARED_DIR: z.string().min(1).describe('folder for what the dumps need, which holds passwords'),
});

/**
 * `prepare-backup`: writes what PostgreSQL's own programs need, which are in another image: logins (`pg_service.conf`,
 * `pgpass`) and the script that dumps. Secrets may hold logins in parts, and several during a rotation; libpq reads neither.
 */
export async function prepareBackup(environment: NodeJS.ProcessEnv): Promise<void> {
  const config = loadConfig(BackupConfig, environment);
  const { NODE_ENV } = environment;
  const sections: string[] = [];
  const passwords: string[] = [];
  for (const service of config.SERVICES) {
    const login = await ownerLogin(service, { NODE_ENV, ...environmentOf(service, config) });
    sections.push(serviceSection(service, login));
    passwords.push(passwordLine(login));
  }
  const write = (name: string, text: string) =>
    writeFile(join(config.PREPARED_DIR, name), text, { mode: 0o600 });
  await write('pg_service.conf', sections.join('\n'));
  await write('pgpass', passwords.join(''));
  await write('backup.sh', backupScript);
  process.stdout.write(`logins: ${config.SERVICES.join(', ')}\n`);
}
