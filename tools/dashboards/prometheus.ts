/** A real Prometheus that watches a shop which runs as processes, with the rules of k8s/alerts. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { root } from '../bootstrap/install.mjs';
import { freePort, type Processes, until } from '../test/processes.ts';

interface PrometheusOptions {
  /** A server. */
  readonly program: string;
  /** Where the shop says what is to be scraped. */
  readonly dataDir: string;
  /** To write to. */
  readonly folder: string;
}

/** Of a configuration file, what is changed here. */
interface Config {
  global: object;
  rule_files: string[];
  scrape_configs: { job_name: string; file_sd_configs: object[] }[];
}

/** @returns its URL */
export const startPrometheus = async (
  processes: Processes,
  { program, dataDir, folder }: PrometheusOptions,
): Promise<string> => {
  mkdirSync(folder, { recursive: true });
  const config = parse(readFileSync(path.join(root, 'k8s/prometheus/local.yml'), 'utf8')) as Config;
  config.global = { scrape_interval: '2s', evaluation_interval: '5s', scrape_timeout: '2s' };
  config.rule_files = [path.join(root, 'k8s/alerts/s*.yaml')];
  for (const job of config.scrape_configs) {
    const file = job.job_name === 'bulkhead' ? 'services.json' : 'rabbitmq.json';
    job.file_sd_configs = [{ files: [path.join(dataDir, 'prometheus', file)] }];
  }
  const file = path.join(folder, 'prometheus.json');
  writeFileSync(file, JSON.stringify(config));
  const url = `http://127.0.0.1:${await freePort()}`;
  const prometheus = processes.start(
    program,
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${path.join(folder, 'tsdb')}`,
      `--web.listen-address=${new URL(url).host}`,
      '--enable-feature=exemplar-storage',
      '--log.level=warn',
    ],
    process.env,
  );
  const isReady = async () => (await fetch(`${url}/-/ready`)).ok;
  await until('Prometheus is ready', isReady).catch((error: Error) => {
    throw new Error(`${error.message}: ${prometheus.output}`);
  });
  // What happens before the first look is no increase to it.
  const query = `${url}/api/v1/query?query=${encodeURIComponent('min(count_over_time(up[1m]))')}`;
  const hasLooked = async () => {
    const { data } = (await (await fetch(query)).json()) as {
      data: { result: { value: [number, string] }[] };
    };
    return Number(data.result[0]?.value[1]) >= 2;
  };
  await until('Prometheus has looked at everything', hasLooked);
  return url;
};
