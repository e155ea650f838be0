import { notificationInternal } from '@bulkhead/contracts/notification/api';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import type { NotificationDatabase } from '../database';
import { exportPerson } from '../export/export-person';

export const internalOperations = (database: NotificationDatabase): Operation[] => [
  implement(notificationInternal.exportUser, async ({ params }) => ({
    status: 200,
    body: { items: await exportPerson(database, params.userId) },
  })),
];
