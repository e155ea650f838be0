import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Observed } from './observed';

export interface FuzzRun {
  readonly name: string;
  /** Path of the program. */
  readonly program: string;
  readonly origin: string;
  readonly folder: string;
  readonly token: string;
  readonly seed: number;
  /** Most cases an operation and phase. */
  readonly examples: number;
  /** Values of path parameters; without one, they are made up. */
  readonly params: Readonly<Record<string, string>>;
  readonly excluded: readonly string[];
  /** Prints a line. */
  say(this: void, line: string): void;
  /** Ends the program. */
  readonly signal?: AbortSignal;
}

/** ms until the program is ended; it needs about a minute on two cores. */
const patienceMs = 300_000;

/**
 * Where a request can be refused with 422 although it fits the document: cursors are opaque, passwords must not be
 * common, products must exist, prices must be such as can be charged in their currency, and a key must not be used twice.
 * Elsewhere what fits must not be called invalid.
 */
const judgedFurther = [
  'searchOrders',
  'listSecurityEvents',
  'listUsers',
  'listNotifications',
  'listOrders',
  'searchPayments',
  'listProducts',
  'getProduct',
  'getProductBySlug',
  'createProduct',
  'replaceProduct',
  'searchProducts',
  'listStockMovements',
  'updateProfile',
  'changePassword',
  'resetPassword',
  'register',
  'placeOrder',
  'adjustStock',
  'refundPayment',
];

const accepted = ['2xx', '3xx', '401', '402', '403', '404', '409', '410', '412', '428', '429'];

const configOf = (params: FuzzRun['params']): string =>
  [
    '[checks.positive_data_acceptance]',
    `expected-statuses = ${JSON.stringify(accepted)}`,
    '[checks.missing_required_header]',
    'expected-statuses = [400, 401, 403, 404, 406, 415, 422, 428]',
    // The server asks for the user first, whatever else is wrong; a webhook is judged by its signature.
    '[checks.negative_data_rejection]',
    'expected-statuses = [400, 401, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 428, 429]',
    '[parameters]',
    ...Object.entries(params).map(
      ([name, value]) => `${JSON.stringify(`path.${name}`)} = ${JSON.stringify(value)}`,
    ),
    '[[operations]]',
    `include-operation-id = ${JSON.stringify(judgedFurther)}`,
    '[operations.checks.positive_data_acceptance]',
    `expected-statuses = ${JSON.stringify([...accepted, '422'])}`,
    // No request has the provider's signature, and one without is not read: 400, whatever it holds.
    '[[operations]]',
    'include-operation-id = "receivePaymentWebhook"',
    '[operations.checks.positive_data_acceptance]',
    `expected-statuses = ${JSON.stringify([...accepted, '400'])}`,
    '',
  ].join('\n');

/**
 * Has Schemathesis send requests of every kind to every operation; notes the answers.
 * @returns what it found: the end of its report, or nothing when it found no fault
 */
export async function fuzz(run: FuzzRun, observed: Observed): Promise<string | undefined> {
  const config = path.join(run.folder, `${run.name}.toml`);
  const har = path.join(run.folder, `${run.name}.har`);
  await writeFile(config, configOf(run.params));
  const words = [
    ['--config-file', config, '--no-color', 'run', `${run.origin}/api/v1/openapi.json`, '--url', run.origin],
    [
      '--seed',
      String(run.seed),
      '--max-examples',
      String(run.examples),
      '--phases',
      'examples,coverage,fuzzing',
    ],
    [
      // Its workers share state without locks; with one, a seed also means the same requests in the same order.
      '--workers',
      '1',
      '--continue-on-failure',
      '--no-shrink',
      '--request-timeout',
      '10',
      '--warnings',
      'off',
    ],
    ['--header', `Authorization: Bearer ${run.token}`, '--report', 'har', '--report-har-path', har],
    ['--generation-database', 'none'],
    ...run.excluded.map((id) => ['--exclude-operation-id', id]),
  ].flat();
  const { status, output } = await runProgram(run, words);
  const { log } = JSON.parse(await readFile(har, 'utf8').catch(() => '{"log":{"entries":[]}}')) as {
    log: { entries: { request: { method: string; url: string }; response: { status: number } }[] };
  };
  for (const { request, response } of log.entries) {
    const operation = observed.find(request.method, new URL(request.url).pathname);
    if (operation && response.status > 0) observed.statusesOf(operation.id).add(response.status);
  }
  run.say(`${run.name}: Schemathesis made ${log.entries.length} requests`);
  if (log.entries.length === 0) return `it made no request\n${output.slice(-5_000)}`;
  return status === 0 ? undefined : findingsIn(output);
}

/** What its report says of errors and failures, without the progress before and the summary after them. */
function findingsIn(report: string): string {
  const from = report.search(/^=+ (?:ERRORS|FAILURES) =+$/mu);
  const to = report.search(/^=+ SUMMARY =+$/mu);
  return (from === -1 ? report : report.slice(from, to > from ? to : undefined)).slice(-20_000);
}

async function runProgram({ program, folder, signal }: FuzzRun, words: readonly string[]) {
  const child = spawn(program, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], signal });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-200_000)));
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  const status = await new Promise<number | undefined>((resolve) => {
    child.on('error', () => resolve(undefined));
    child.on('close', (code) => resolve(code ?? undefined));
  });
  clearTimeout(timer);
  return { status, output };
}
