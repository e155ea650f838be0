import { serviceNames } from '@bulkhead/contracts/services';
import { z } from 'zod';

const list = z.string().transform((text) => text.split(',').filter((word) => word !== ''));
export const json = z
  .string()
  .default('{}')
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  });

/** The services that a Job works for, and where their logins are. */
export const ServicesConfig = z.object({
  SERVICES: list.pipe(z.array(z.enum(serviceNames))).describe('services with a database, comma-separated'),
  CREDENTIALS_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('folder with a subfolder per service, with files named after the service’s variables'),
  CREDENTIALS: json
    .pipe(z.record(z.string(), z.record(z.string(), z.string())))
    .describe('non-secret variables of the services, as JSON'),
});
export type ServicesConfig = z.output<typeof ServicesConfig>;
