import { adminEmail, customerEmail } from './environment';
import type { LocalSecrets } from './secrets';

export interface WelcomeOptions {
  readonly origin: string;
  readonly adminPort: number;
  readonly mailFolder: string;
  readonly secrets: LocalSecrets;
  /** Is there a page that shows what happens? */
  readonly ops?: boolean;
}

/** What a person needs to know once the shop is up. The commands need a POSIX shell, curl and Node. */
export const welcome = ({ origin, adminPort, mailFolder, secrets, ops = false }: WelcomeOptions): string => `
Bulkhead is up at ${origin}
  shop           ${origin}/
  API            ${origin}/api/v1/openapi.json${ops ? `\n  live view      ${origin}/ops` : ''}
  metrics        http://127.0.0.1:${adminPort}/metrics
  mail           ${mailFolder}
  admin          ${adminEmail}  ${secrets.adminPassword}
  customer       ${customerEmail}  ${secrets.customerPassword}

Buy something:
  TOKEN=$(curl -s ${origin}/api/v1/auth/login -H 'content-type: application/json' \\
    -d '{"email":"${customerEmail}","password":"${secrets.customerPassword}"}' | node -pe 'JSON.parse(require("fs").readFileSync(0)).tokens.accessToken')
  PRODUCT=$(curl -s '${origin}/api/v1/products?limit=1' | node -pe 'JSON.parse(require("fs").readFileSync(0)).items[0].productId')
  curl -s ${origin}/api/v1/orders -H "authorization: Bearer $TOKEN" -H "idempotency-key: $(date +%s%N)" \\
    -H 'content-type: application/json' -d "{\\"items\\":[{\\"productId\\":\\"$PRODUCT\\",\\"quantity\\":1}],\\"paymentMethod\\":\\"pm_ok\\"}"

Ctrl-C stops it. What it keeps is in the data folder; npm start -- --fresh begins anew.
`;
