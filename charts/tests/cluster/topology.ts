import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { charts } from './environment';

export interface ServiceFacts {
  readonly peers: readonly string[];
  readonly callers: readonly string[];
  readonly database: boolean;
}

/** What each service calls and is called by, as the charts have it from the services. */
export function readTopology(): Readonly<Record<string, ServiceFacts>> {
  const text = readFileSync(join(charts, 'service/templates/_topology.tpl'), 'utf8');
  return JSON.parse(
    text.slice(text.indexOf('-}}', text.indexOf('define')) + 3, text.lastIndexOf('{{-')),
  ) as Readonly<Record<string, ServiceFacts>>;
}
