import { adminEmail, customerEmail } from './environment';
import type { LocalSecrets } from './secrets';

export interface WelcomeOptions {
  readonly origin: string;
  readonly adminPort: number;
  readonly mailFolder: string;
  readonly secrets: LocalSecrets;
  /** Is there an ops page? */
  readonly ops?: boolean;
}

/** The message when the shop is up. The commands need a POSIX shell, curl and Node. */
export const welcome = ({ origin, adminPort, mailFolder, secrets, ops = false }: WelcomeOptions): string => `
Bulkhead is up at ${origin}
  shop           ${origin}/
  API            ${origin}/api/v1/openapi.json${ops ? `\n  live view      ${origin}/ops` : ''}
  metrics        http://127.0.0.1:${adminPort}/metrics
  mail           ${mailFolder}
  admin          ${adminEmail}  ${secrets.adminPassword}
  customer       ${customerEmail}  ${secrets.customerPassword}

Open ${origin}/ in a browser and buy something. Then try npm run story: two shops side by side, a
monolith and the services, with buttons that break both.

To buy something from the command line:
  TOKEN=$(curl -s ${origin}/api/v1/auth/login -H 'content-type: application/json' \\
    -d '{"email":"${customerEmail}","password":"${secrets.customerPassword}"}' | node -pe 'JSON.parse(require("fs").readFileSync(0)).tokens.accessToken')
  PRODUCT=$(curl -s '${origin}/api/v1/products?limit=1' | node -pe 'JSON.parse(require("fs").readFileSync(0)).items[0].productId')
  curl -s ${origin}/api/v1/orders -H "authorization: Bearer $TOKEN" -H "idempotency-key: $(date +%s%N)" \\
    -H 'content-type: application/json' -d "{\\"items\\":[{\\"productId\\":\\"$PRODUCT\\",\\"quantity\\":1}],\\"paymentMethod\\":\\"pm_ok\\"}"

Ctrl-C stops the shop. Its data stays in the data folder; npm start -- --fresh deletes it first.
`;
