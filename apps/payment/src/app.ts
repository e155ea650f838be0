import { confirmErasure } from '@bulkhead/service/erasure/confirm-erasure';
import type { ServiceDefinition } from '@bulkhead/service/service';
import { createProvider, PaymentConfig } from './config';
import { paymentDatabase } from './database';
import { erasure, erasureSweepJob } from './events/erasure';
import { internalOperations, publicOperations } from './http/operations';
import { pruneJob, reconcileJob, watchJob } from './jobs';
import { createBatches } from './payments/batches';
import { type CrashPoint, neverCrash } from './payments/crash-point';
import { type CaptureKey, stableCaptureKey } from './payments/operations';
import { createEngine } from './payments/engine';
import { createMoneyMetrics } from './payments/money-metrics';
import { guardProvider } from './providers/guard';
import { providerProbes } from './providers/provider-probe';

/**
 * @param crashPoint where a test crashes the process
 * @param captureKey tests use another one as a deliberate mistake
 * @param makeProvider tests use a provider within the process
 */
export const createPaymentService = (
  crashPoint: CrashPoint = neverCrash,
  captureKey: CaptureKey = stableCaptureKey,
  makeProvider: typeof createProvider = createProvider,
): ServiceDefinition<typeof PaymentConfig> => ({
  name: 'payment',
  config: PaymentConfig,
  peers: ['profile'],
  database: true,
  preflight: providerProbes,
  create(dependencies) {
    const { config, mode, clock, ids, random, logger, metrics, database, outbox, shutdown, timers } =
      dependencies;
    // Payments themselves are SQL on `database`; what is plain is the client's.
    const client = paymentDatabase(database);
    const provider = makeProvider(config, mode);
    const callTimeoutMs = config.PAYMENT_PROVIDER_TIMEOUT_MS;
    const concurrency = config.PAYMENT_PROVIDER_CONCURRENCY;
    const guarded = guardProvider(provider, {
      ...dependencies,
      timeoutMs: callTimeoutMs,
      concurrency,
    });
    const recording = { database, outbox, ids, logger, money: createMoneyMetrics(metrics) };
    const batches = createBatches({ ...recording, provider: provider.name });
    const shared = { ...recording, batches, clock, captureKey };
    const engine = createEngine({
      ...shared,
      random,
      provider: guarded,
      crashPoint,
      shutdown,
      callTimeoutMs,
      timers,
    });
    return {
      operations: [
        ...internalOperations({ ...shared, engine, provider: provider.name }, client),
        ...publicOperations(
          { ...shared, engine, provider: provider.name },
          { ...shared, engine, provider, guarded },
          client,
        ),
      ],
      subscriptions: [confirmErasure(erasure(client, outbox), dependencies)],
      jobs: [reconcileJob(engine), pruneJob(database), erasureSweepJob(client), watchJob(database, metrics)],
      async stop() {
        await engine.stop();
        await batches.drain();
        await provider.close();
        await client.prisma.$disconnect();
      },
    };
  },
});

export const paymentService = createPaymentService();
