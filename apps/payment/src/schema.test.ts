import { assertNoDrift } from '@bulkhead/database/testing/drift';

test('the migrations make what schema.prisma says', () => assertNoDrift('apps/payment'), 60_000);
