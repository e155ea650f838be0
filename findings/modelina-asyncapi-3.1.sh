#!/usr/bin/env bash
# @asyncapi/modelina 5.10.1: of an AsyncAPI 3.1.0 document it makes one model, `Root`, which is `any`.
#
# Guess: the document of AsyncAPI 3.0.0 and the same one of 3.1.0 give the same models, or the version is refused. The parser
#   that modelina brings, @asyncapi/parser 3.6.6, takes both.
# Seen: a version that is not in its list, which ends with 3.0.0, makes it read the document as a JSON Schema, which allows
#   everything, without an error or a warning.
#
# Needs npm and Node.js 20 or later.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error --ignore-scripts @asyncapi/modelina@5.10.1 @asyncapi/parser@3.6.6 >/dev/null

cat >ask.mjs <<'JS'
import { TypeScriptGenerator } from '@asyncapi/modelina';
import { Parser } from '@asyncapi/parser';

const documentOf = (version) => ({
  asyncapi: version,
  info: { title: 'Orders', version: '1' },
  channels: {
    orders: {
      address: 'orders',
      messages: { OrderPlaced: { payload: { $ref: '#/components/schemas/OrderPlaced' } } },
    },
  },
  operations: { hear: { action: 'receive', channel: { $ref: '#/channels/orders' } } },
  components: {
    schemas: {
      OrderPlaced: {
        type: 'object',
        properties: { orderId: { type: 'string' }, total: { $ref: '#/components/schemas/Money' } },
      },
      Money: { type: 'object', properties: { amount: { type: 'integer' } } },
    },
  },
});
for (const version of ['3.0.0', '3.1.0']) {
  const errors = (await new Parser().validate(documentOf(version))).filter(({ severity }) => severity === 0);
  const models = await new TypeScriptGenerator({ modelType: 'interface' }).generate(documentOf(version));
  const made = models.map(({ modelName, result }) => (/ any;$/.test(result) ? result : modelName));
  console.log(`${version}: ${errors.length} errors, ${made.sort().join(', ')}`);
}
JS
seen=$(node ask.mjs)
echo "$seen"
[ "$seen" = '3.0.0: 0 errors, Money, OrderPlaced
3.1.0: 0 errors, type Root = any;' ]
