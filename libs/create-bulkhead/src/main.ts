import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Choices, coreServices, optionalServices, type OptionalService } from './choices';
import { commandsAfterInstall, initialiseGit, runIn, writeWorkspace } from './create-shop';
import { readChoices } from './read-choices';
import type { Template } from './template';
import { usage, UsageError } from './usage';

const say = (line: string): unknown => process.stdout.write(`${line}\n`);

/**
 * The whole command.
 * @param args of the command line
 * @param template source of the new workspace's files
 * @param isTerminal whether to prompt for missing choices
 * @returns the exit code: 0, 1 if a step failed, 2 for invalid arguments
 */
export async function main(
  args: readonly string[],
  template: Template,
  isTerminal: boolean,
): Promise<number> {
  try {
    const choices = await readChoices(args, isTerminal);
    if (choices === 'help') process.stdout.write(usage);
    else {
      requireTemplate(template);
      say(planOf(choices));
      if (!choices.isDryRun) make(choices, choices.installs, template);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function requireTemplate(template: Template): void {
  if ('archive' in template && !existsSync(template.archive))
    throw new Error(`The package is incomplete: ${template.archive} is missing.`);
  for (const program of ['git', ...('archive' in template ? ['tar'] : [])])
    if (spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0)
      throw new Error(`${program} is needed, and is not on the PATH. Nothing was written.`);
}

const planOf = ({ folder, name, scope, leftOut }: Choices): string => {
  const kept = (Object.keys(optionalServices) as OptionalService[]).filter((each) => !leftOut.includes(each));
  return [
    `${name}, with packages in ${scope}, in ${folder}`,
    `  services: ${[...coreServices, ...kept].join(', ')}`,
    ...leftOut.map((service) => `  without ${service}: ${optionalServices[service]}`),
  ].join('\n');
};

function make(choices: Choices, installs: boolean, template: Template): void {
  const { folder } = choices;
  const { version } = JSON.parse(
    readFileSync(
      'checkout' in template
        ? path.join(template.checkout, 'package.json')
        : path.join(path.dirname(template.archive), 'package.json'),
      'utf8',
    ),
  ) as { version: string };
  const renamed = writeWorkspace(choices, template, version);
  if (installs) {
    say('Installing packages …');
    runIn(folder, ['npm', 'ci', '--no-audit', '--no-fund']);
    if (choices.leftOut.length > 0) say(`Taking out ${choices.leftOut.join(' and ')} …`);
    for (const command of commandsAfterInstall(choices, renamed)) runIn(folder, command);
  }
  const isCommitted = initialiseGit(folder, version);
  const later = installs
    ? []
    : [['npm', 'ci'], ...commandsAfterInstall(choices)].map((words) => words.join(' '));
  say(
    [
      '',
      ...(isCommitted
        ? []
        : ['git knows no name of yours yet: everything is staged, and nothing committed.']),
      'Next:',
      ...[`cd ${path.relative('', folder) || '.'}`, ...later, 'npm start'].map((line) => `  ${line}`),
    ].join('\n'),
  );
}
