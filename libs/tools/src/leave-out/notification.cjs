/**
 * What goes with notification beside what every service has: its pages in the storefront, its mail server on a cluster,
 * its alerts, and what tests it.
 *
 * The events for it stay, since the outbox of whoever sends them costs nothing, and so do the endpoints that only it calls
 * (`contact` of profile, `mintToken` of auth): whatever sends mails instead is called notification, or is named there.
 */
const {
  replace,
  withoutDeclarations,
  withoutEntries,
  withoutLines,
  withoutPart,
  withoutTests,
} = require('./edits.cjs');

const monolith = (file) => `apps/monolith/src/${file}`;
const storefront = (file) => `apps/storefront/src/${file}`;

exports.removed = [
  storefront('messages'),
  'apps/acceptance/src/fuzz/walk/messages.ts',
  // An order file by file, to its mail.
  'docs/place-order.md',
  monolith('place-order-files.test.ts'),
  monolith('testing/entered-files.ts'),
  'docs/runbooks/MailAccountRefused.md',
  'docs/runbooks/MailLate.md',
  // Histories and erasures of the whole shop, mails included.
  'experiments/explore',
  'experiments/erasure',
  'experiments/invariants/invariants.test.ts',
  'experiments/invariants/testing',
  'experiments/invariants/jest.config.cjs',
  'experiments/invariants/checks/endings-are-told-once.ts',
  'experiments/invariants/checks/mails-arrive-once.ts',
  'tools/experiments/explore.ts',
];

exports.commands = ['explore'];

exports.edits = {
  'libs/contracts/src/contracts.test.ts': [
    withoutLines("['listNotifications', 'readNotification', 'streamNotifications']"),
  ],
  'bench/outbox-relay/outbox-relay.ts': [
    replace('subscriptions.notificationOrders', 'subscriptions.orderPayments'),
  ],
  [storefront('api/types.ts')]: [withoutDeclarations('Message')],
  [storefront('app.tsx')]: [withoutPart("    case 'messages':", "    case 'account':")],
  [storefront('router/routes.ts')]: [withoutEntries('messages:')],
  [storefront('ui/header.tsx')]: [
    withoutDeclarations('unread'),
    withoutPart('              <NavLink to="messages">', '              <NavLink to="account">'),
  ],

  'apps/acceptance/src/buying.ts': [
    withoutPart(
      '      await eventually(async () => {\n        const { body: inbox }',
      "    });\n\n    it('happens once per idempotency key",
    ),
  ],
  'apps/acceptance/src/privacy.ts': [withoutDeclarations('inbox'), withoutEntries('notificationId:')],
  'apps/acceptance/src/fuzz/shop-walk.ts': [
    withoutLines('await walkMessages('),
    replace('notificationId, ', ''),
  ],
  'apps/chart-jobs/src/shopper/buy.ts': [
    withoutLines("'notifications', () => told(", "say('told')"),
    withoutDeclarations('told'),
    replace(
      'buys it, and waits until it is confirmed and the customer has been told',
      'buys it, and waits until it is confirmed',
    ),
  ],

  [monolith('preflight.test.ts')]: [
    withoutEntries("[notificationService, 'notification']", "['mail', mails]"),
    withoutDeclarations('mail', 'mails'),
    withoutPart('      service === notificationService', '        : service === paymentService'),
    replace('        : service === paymentService', '      service === paymentService'),
  ],
  [monolith('processes.test.ts')]: [
    withoutTests(
      'an order is confirmed without notification',
      'one whose database is restored from a backup gets the lost events again',
    ),
    withoutLines("attempt('notification', read)"),
    withoutDeclarations('reconcile', 'run'),
  ],
  [monolith('production.test.ts')]: [withoutEntries("['notification'")],
  [monolith('operator-commands.test.ts')]: [
    withoutTests('events are sent again to a service that was restored'),
  ],
  [monolith('who-may-call.test.ts')]: [withoutEntries('notification:')],
  [monolith('testing/describe-bounded-series.ts')]: [withoutLines('/api/v1/notifications/')],
  [monolith('testing/describe-garbage.ts')]: [
    withoutPart(
      '      const { productId } = await plentifulProduct(client());\n      const ada',
      '      const counted = await metrics();',
    ),
    replace(', and people are told of their orders', ''),
    replace('describeGarbage({ client, ', 'describeGarbage({ '),
  ],
  [monolith('testing/describe-http-edges.ts')]: [replace("'/api/v1/notifications/stream', ", '')],
  [monolith('testing/describe-order-trace.ts')]: [
    withoutEntries("'notification internal: mail order-confirmed'", '`profile server: ${contact}`'),
    withoutTests('goes on from the outbox through the broker to the mail'),
    replace("'payment', 'profile', ...hearConfirmed", "'payment', ...hearConfirmed"),
    withoutDeclarations('contact'),
    replace('metrics, carrier }', 'metrics }'),
  ],
  [monolith('testing/describe-refunds.ts')]: [
    withoutLines('await toldOf(', 'await mailsOf(', 'let mailbox', 'mailbox ='),
    withoutDeclarations('toldOf', 'mailsOf'),
  ],
  'apps/profile/src/erasure/erasure.test.ts': [
    replace('erased.notification', 'erased.order'),
    withoutPart(
      '  await answer(erased.order, userId, id);\n  await eventually(async () => (await answered(userId)).length === 1);',
      '  await Promise.all(Object.values(erased)',
    ),
  ],
  'apps/gateway/src/live-sessions.test.ts': [
    replace(
      "'/api/v1/notifications/stream', authorization",
      '`/api/v1/orders/${randomIds.next()}/events`, authorization',
    ),
    replace("'/api/v1/notifications/stream', ", ''),
  ],
  'libs/contracts/src/documents.test.ts': [
    replace('notification.orders.hears.order.confirmed.v1', 'inventory.catalog.hears.product.created.v1'),
  ],
  'tools/bootstrap/commands.test.ts': [
    replace("['services', ['warehouse'], 'notification']", "['services', ['warehouse'], 'inventory']"),
  ],

  'experiments/invariants/invariants.ts': [withoutEntries('endingsAreToldOnce', 'mailsArriveOnce')],
  'experiments/invariants/quiescence.ts': [
    withoutEntries(
      "async (shop) => {\n    const [row] = await shop.ask<{ count: number }>(\n      'notification'",
    ),
  ],

  'k8s/alerts/src/symptoms.ts': [
    withoutEntries("{\n    alert: 'MailAccountRefused'", "{\n    alert: 'MailLate'"),
  ],
  'k8s/alerts/alerts.test.ts': [replace("'payment', 'notification'] as const", "'payment'] as const")],
  'k8s/dashboards/src/messaging.ts': [
    withoutEntries(
      "panel({\n          title: 'Mail backlog'",
      "panel({\n          title: 'Mail delivery attempts'",
    ),
  ],
  'charts/bulkhead/templates/checks.yaml': [
    withoutPart('{{- if and $v.notification.enabled', '{{- else -}}\n{{- if $v.global.provision'),
  ],
  'charts/bulkhead/values-production-keda.yaml': [withoutPart('notification:\n', undefined)],
  'docs/rotation.md': [withoutLines('runbooks/MailAccountRefused.md')],
  'docs/runbooks/BreakerOpen.md': [replace('; `smtp`: see [MailLate](MailLate.md)', '')],
  'docs/kubernetes.md': [withoutPart('notification:\n  config:', '```')],
};
