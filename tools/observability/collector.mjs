/** An OpenTelemetry Collector with the committed configuration, which writes what it keeps to a file instead of to Tempo. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { root } from '../bootstrap/install.mjs';
import { freePort, until } from '../test/processes.ts';
import { tracesIn } from './kept-traces.mjs';

export const committedConfig = path.join(root, 'k8s/observability/config/collector.yaml');

/**
 * @param processes of createProcesses
 * @param {{ program: string, folder: string }} options the Collector, and a folder to write to
 * @returns where spans go, and what was kept of them so far
 */
export const startCollector = async (processes, { program, folder }) => {
  const [http, grpc, health, metrics] = await Promise.all(Array.from({ length: 4 }, freePort));
  const output = path.join(folder, 'kept.jsonl');
  const here = {
    receivers: {
      otlp: {
        protocols: { http: { endpoint: `127.0.0.1:${http}` }, grpc: { endpoint: `127.0.0.1:${grpc}` } },
      },
    },
    exporters: { file: { path: output } },
    extensions: { health_check: { endpoint: `127.0.0.1:${health}` } },
    service: {
      telemetry: {
        metrics: { readers: [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: metrics } } } }] },
      },
      pipelines: { traces: { exporters: ['file'] } },
    },
  };
  const file = path.join(folder, 'here.yaml');
  writeFileSync(file, stringify(here));
  const collector = processes.start(program, ['--config', committedConfig, '--config', file], process.env);
  const isUp = async () => (await fetch(`http://127.0.0.1:${health}/`)).ok;
  const hasEnded = collector.ended.then(() => Promise.reject(new Error('the Collector ended')));
  await Promise.race([until('the Collector is up', isUp), hasEnded]).catch((error) => {
    throw new Error(`${error.message}:\n${collector.output}`);
  });
  return {
    endpoint: `http://127.0.0.1:${http}`,
    kept: () => tracesIn(existsSync(output) ? readFileSync(output, 'utf8') : ''),
  };
};
