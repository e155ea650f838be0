import { randomBytes } from 'node:crypto';
import { loadConfig, url } from '@bulkhead/service/config';
import { z } from 'zod';
import { Credential } from './credential';
import { ensureCredentials } from './make-credentials';
import { createSecretStore } from './secret-store';

const CredentialsConfig = z.object({
  CREDENTIALS: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue('must be JSON');
        return z.NEVER;
      }
    })
    .pipe(z.array(Credential))
    .describe('Secrets to make'),
  KUBERNETES_URL: url('http', 'https').default('https://kubernetes.default.svc'),
  SERVICE_ACCOUNT_DIR: z.string().default('/var/run/secrets/kubernetes.io/serviceaccount'),
});

/** `credentials`: the Job that runs before a chart is installed. */
export async function makeCredentials(environment: NodeJS.ProcessEnv): Promise<void> {
  const { CREDENTIALS, KUBERNETES_URL, SERVICE_ACCOUNT_DIR } = loadConfig(CredentialsConfig, environment);
  const store = await createSecretStore(KUBERNETES_URL, SERVICE_ACCOUNT_DIR);
  try {
    const random = () => randomBytes(24).toString('base64url');
    for (const line of await ensureCredentials(CREDENTIALS, store, random)) process.stdout.write(`${line}\n`);
  } finally {
    await store.close();
  }
}
