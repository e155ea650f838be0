/**
 * `npm run verify:full [-- NAME …]`: every check there is, those included that take too long for each change, or that
 * need a quiet machine; two to three hours. What a step says goes to `reports/verify/<name>.log`, the outcome to
 * `reports/verify/README.md`. A step whose tool or cluster is missing (exit code 69) is listed as not run, with its
 * reason: it counts neither as passed nor as failed. The last line is `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { root } from '../bootstrap/install.mjs';
import { unavailable } from './unavailable.ts';

const steps = {
  check: { what: 'Format, types and lint', script: 'check' },
  test: { what: 'Tests, against real PostgreSQL and RabbitMQ', script: 'test' },
  oldest: { what: 'The same on PostgreSQL 15 and RabbitMQ 3.10', script: 'test:oldest' },
  commands: { what: 'Every command as the first one in a fresh clone', script: 'test:commands' },
  documents: { what: 'The API documents by Redocly and Spectral', script: 'lint:api' },
  site: {
    what: 'The documentation as a site: links, anchors, and pages in a browser',
    script: 'docs:site',
    words: ['--check', '--browser'],
  },
  api: { what: 'A running shop against its API document', script: 'test:api', words: ['--examples', '50'] },
  clients: { what: 'Clients generated, compiled, and buying, in four languages', script: 'test:clients' },
  charts: { what: 'What the charts render', script: 'test:charts' },
  cluster: { what: 'Installed, upgraded, hurt and uninstalled in a cluster', script: 'test:cluster' },
  nodes: { what: 'Nodes drained, killed and cut off under load', script: 'test:nodes' },
  observability: {
    what: 'Prometheus and the Collector beside the shop in a cluster: queries, and the trace of an order',
    script: 'test:observability',
  },
  pooler: {
    what: 'The shop through PgBouncer: acceptance, load, PostgreSQL and PgBouncer killed, a standby promoted',
    script: 'test:pooler',
  },
  majority: { what: 'A RabbitMQ of three nodes without its majority', script: 'test:majority' },
  explore: {
    what: 'A hundred thousand histories of orders, drawn from a seed',
    script: 'explore',
    words: ['--seed', '20', '--histories', '100000'],
  },
  mutants: { what: 'Known mistakes that the invariants must catch', script: 'test:mutants' },
  experiments: { what: 'All experiments', script: 'experiment', words: ['all'] },
  chaos: {
    what: 'Ten minutes of seeded faults',
    script: 'chaos',
    words: ['--seed', '20', '--minutes', '10'],
  },
  dashboards: { what: 'Every query of every panel and alert; /ops in a browser', script: 'test:dashboards' },
  traces: {
    what: 'Which traces the Collector keeps with the committed configuration, and what leads to them',
    script: 'test:traces',
  },
  storefront: {
    what: 'The storefront in a browser, while parts of the shop fail',
    script: 'test:storefront',
  },
  processes: {
    what: 'The storefront of services that run as processes, each of which is killed',
    script: 'test:storefront',
    words: ['--processes'],
  },
  lighthouse: { what: 'Lighthouse on pages of the storefront', script: 'test:lighthouse' },
  story: { what: 'Every button of the story in a browser', script: 'test:story' },
  generator: {
    what: 'A service generated, checked, asked and removed',
    script: 'test:generator',
    words: ['--check'],
  },
  create: {
    what: 'A shop of one’s own without two services: checked, started, bought from',
    script: 'test:create',
    words: ['--check'],
  },
  watch: { what: 'Edits served by a running shop', script: 'test:watch' },
  learn: { what: 'The steps of docs/learn, by the commands of their pages', script: 'test:learn' },
  restore: { what: 'A database ruined and restored', script: 'test:restore' },
  rotation: { what: 'Every secret rotated under load', script: 'test:rotation' },
  bench: { what: 'Speed and memory', script: 'bench', words: ['--gate'] },
  capacity: { what: 'The capacity model against a measured run', script: 'capacity' },
};

const folder = path.join(root, 'reports/verify');
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`Unknown step ${unknown.join(', ')}; there are: ${Object.keys(steps).join(', ')}.`);
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
const outcomes = [];
for (const name of chosen.length > 0 ? chosen : Object.keys(steps)) {
  console.log(`== ${name}`);
  const outcome = await run(name, steps[name]);
  outcomes.push(outcome);
  console.log(`== ${name}: ${outcome.verdict}, ${outcome.seconds} s`);
  writeFileSync(path.join(folder, 'README.md'), report(outcomes));
}
const sum = (count) => outcomes.reduce((total, outcome) => total + outcome[count], 0);
console.log(`The report is ${path.relative(root, folder)}/README.md.`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1);

/** Runs one step; its output goes on to the terminal and into its log. */
async function run(name, { what, script, words = [] }) {
  const startedAt = Date.now();
  const log = createWriteStream(path.join(folder, `${name}.log`));
  const child = spawn('npm', ['run', '--silent', script, '--', ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let end = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      process.stdout.write(chunk);
      log.write(chunk);
      end = (end + chunk).slice(-20_000);
    });
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(undefined));
    child.on('close', resolve);
  });
  log.end();
  await finished(log);
  return { name, what, ...judge(code, end), seconds: Math.round((Date.now() - startedAt) / 1000) };
}

function judge(code, end) {
  if (code === unavailable)
    return { passed: 0, failed: 0, verdict: `not run: ${end.trim().split('\n').at(-1).replace(/\.$/, '')}` };
  const counts = [...end.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
  const passed = Number(counts?.[1] ?? (code === 0 ? 1 : 0));
  const said = Number(counts?.[2] ?? 0);
  // A step that ended badly failed, whatever it counted; so did one that counted nothing.
  const failed = said === 0 && (code !== 0 || passed === 0) ? 1 : said;
  return {
    passed,
    failed,
    verdict: failed === 0 ? `passed (${passed})` : `FAILED (${passed} passed, ${failed} failed)`,
  };
}

function report(done) {
  const rows = done.map(
    ({ name, what, verdict, seconds }) => `| [${name}](${name}.log) | ${what} | ${verdict} | ${seconds} s |`,
  );
  return [
    '# What `npm run verify:full` found',
    '',
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpus()[0]?.model.trim()}), ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB, ${type()} ${release()}.`,
    '',
    '| step | what | outcome | time |',
    '| ---- | ---- | ------- | ---- |',
    ...rows,
    '',
  ].join('\n');
}
