import type { LocalSecrets } from './secrets';

export const adminEmail = 'admin@shop.example';
export const customerEmail = 'ada@shop.example';

export interface EnvironmentOptions {
  /** Public URL of the shop. */
  readonly origin: string;
  readonly smtpUrl: string;
  readonly providerUrl: string;
  readonly secrets: LocalSecrets;
}

/** The configuration of the services on one machine. */
export const serviceEnvironment = ({
  origin,
  smtpUrl,
  providerUrl,
  secrets,
}: EnvironmentOptions): Record<string, string> => ({
  SEED: 'on',
  AUTH_ADMIN_EMAIL: adminEmail,
  AUTH_ADMIN_PASSWORD: secrets.adminPassword,
  AUTH_KEY_ENCRYPTION_SECRET: secrets.keyEncryptionSecret,
  SMTP_URL: smtpUrl,
  MAIL_FROM: 'Bulkhead <shop@shop.example>',
  PUBLIC_URL: origin,
  PAYMENT_PROVIDER: 'simulated',
  PAYMENT_PROVIDER_URL: providerUrl,
  PAYMENT_WEBHOOK_SECRET: secrets.webhookSecret,
});
