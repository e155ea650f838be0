import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { LoadPlan } from './plan';
import type { LoadResult } from './samples';

/** Puts the load on a shop. Resolves when the last person has left. @throws what ended the generator */
export function runLoad(plan: LoadPlan): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(join(__dirname, 'load-worker.js'), { workerData: plan });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the load generator ended (${code})`)));
  });
}
