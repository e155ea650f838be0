import { notificationInternal } from '@bulkhead/contracts/notification/api';
import type { Queryable } from '@bulkhead/database/database';
import { implement, type Operation } from '@bulkhead/service/http/operation';
import { exportPerson } from '../export/export-person';

export const internalOperations = (db: Queryable): Operation[] => [
  implement(notificationInternal.exportUser, async ({ params }) => ({
    status: 200,
    body: { items: await exportPerson(db, params.userId) },
  })),
];
