import { InjectedFault } from '@bulkhead/resilience/faults';
import { isUnexpected, PeerProblem, PeerUnavailable, toProblemResponse } from './errors';

const answerOf = (error: unknown) => {
  const { status, headers } = toProblemResponse(error, 'request');
  return [status, headers['retry-after']];
};

const fromPostgres = (originalCode: string) =>
  Object.assign(new Error('Database error'), {
    code: 'P2039',
    meta: { driverAdapterError: { cause: { kind: 'postgres', originalCode } } },
  });

it('asks to come again where something behind is away or too busy', () => {
  expect(answerOf(fromPostgres('57P03'))).toEqual([503, '1']);
  expect(answerOf(fromPostgres('57014'))).toEqual([503, '1']);
  expect(answerOf(fromPostgres('40001'))).toEqual([503, '1']);
  expect(answerOf(new Error('Connection terminated unexpectedly'))).toEqual([503, '1']);
  expect(answerOf(new PeerUnavailable('order', 'unknown'))).toEqual([503, '1']);
  expect(answerOf(new PeerProblem('order', 503, undefined, '7'))).toEqual([503, '7']);
  expect(answerOf(new PeerProblem('order', 502, undefined))).toEqual([503, '1']);
  expect(answerOf(new PeerProblem('order', 504, undefined))).toEqual([504, undefined]);
});

it('has every 500 logged, including that of an injected fault', () => {
  const fault = (status: number) => new InjectedFault('fault', { effect: 'error', status, code: 'EFAULT' });
  for (const error of [new Error('a bug'), fromPostgres('42P01'), new PeerProblem('order', 500, undefined)]) {
    expect(answerOf(error)).toEqual([500, undefined]);
    expect(isUnexpected(error)).toBe(true);
  }
  expect([answerOf(fault(500)), isUnexpected(fault(500))]).toEqual([[500, undefined], true]);
  expect([answerOf(fault(503)), isUnexpected(fault(503))]).toEqual([[503, undefined], false]);
});

it('responds to an injected fault with its status, even if Prisma wraps it in an error of its own', () => {
  const throughPrisma = (effect: 'error' | 'reset', status: number, code: string) => {
    const { meta } = new InjectedFault('fault', { effect, status, code });
    return Object.assign(new Error('Invalid invocation'), { code, meta: { modelName: 'Shelf', ...meta } });
  };
  expect(answerOf(throughPrisma('error', 429, 'EFAULT'))).toEqual([429, undefined]);
  expect(answerOf(throughPrisma('error', 500, 'EFAULT'))).toEqual([500, undefined]);
  // As of any connection to the database that breaks.
  expect(answerOf(throughPrisma('reset', 502, 'ECONNRESET'))).toEqual([503, '1']);
});
