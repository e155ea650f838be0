import { writeFile } from 'node:fs/promises';
import { type LoadOptions, readCommandLine } from './command-line';
import { asJson, asText, judge } from './report';
import { runScenario } from './run-scenario';
import { scenarios } from './scenarios/all';

const exitCodes = { passed: 0, missed: 1, usage: 2, unreachable: 69, void: 75 };

async function main(): Promise<number> {
  let options: LoadOptions;
  try {
    options = readCommandLine(process.argv.slice(2), process.env);
  } catch (error) {
    return explain((error as Error).message);
  }
  const scenario = scenarios.find(({ name }) => name === options.scenario);
  if (!scenario) return explain(`There is no scenario ${options.scenario}.`);

  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  process.stdout.write(`${scenario.name} on ${options.origin}: ${scenario.about} …\n`);
  const result = await runScenario({ ...options, scenario, signal: stop.signal });
  process.stdout.write(asText(result));
  if (options.json) await writeFile(options.json, `${JSON.stringify(asJson(result), null, 2)}\n`);
  const verdict = judge(result);
  if (verdict.void) return exitCodes.void;
  return verdict.passed ? exitCodes.passed : exitCodes.missed;
}

function explain(sentence: string): number {
  const list = scenarios.map(({ name, about }) => `  ${name.padEnd(12)}${about}`).join('\n');
  process.stderr.write(`${sentence}\nScenarios:\n${list}\n`);
  return exitCodes.usage;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const { message, code } = error as { message: string; code?: string };
    const sentence =
      code === 'ECONNREFUSED'
        ? 'Nothing answers there; npm start brings a shop up.'
        : message || String(error);
    process.stderr.write(`${sentence}\n`);
    process.exit(exitCodes.unreachable);
  },
);
