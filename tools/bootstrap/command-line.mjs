// @ts-check
/** Reads a command's arguments by its entry in tools/bootstrap/commands.mjs. */
import { parseArgs } from 'node:util';

/**
 * @param {import('./commands.mjs').Command} command its entry
 * @param {readonly string[]} args
 * @returns {{ help?: true, problem?: string | undefined, positionals: readonly string[] }} `problem` is a sentence
 */
export const readArguments = (command, args) => {
  const { options = {}, least = 0, most = 0, passes = false } = command;
  /** @param {string | undefined} argument */
  const asksForHelp = (argument) => argument === '--help' || argument === '-h';
  if (passes ? asksForHelp(args[0]) : args.some(asksForHelp)) return { help: true, positionals: [] };
  if (passes)
    return args.length < least
      ? { problem: `Missing argument: ${command.takes}.`, positionals: [] }
      : { positionals: args };

  const { tokens, positionals } = parseArgs({
    args: [...args],
    options: Object.fromEntries(Object.entries(options).map(asParseArgs)),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const problem =
    tokens
      .map((token) => (token.kind === 'option' ? optionProblem(token, options) : undefined))
      .find(Boolean) ??
    (positionals.length < least ? `Missing argument: ${command.takes}.` : undefined) ??
    (positionals.length > most ? `Unexpected argument: ${positionals[most]}.` : undefined);
  return { problem, positionals };
};

/**
 * @param {[string, import('./commands.mjs').Option]} option
 * @returns {[string, import('node:util').ParseArgsOptionDescriptor]}
 */
const asParseArgs = ([name, { value, short }]) => [
  name,
  {
    type: value ? 'string' : 'boolean',
    // A name of one letter is only ever written with one dash.
    ...(name.length === 1 ? { short: name } : short ? { short } : {}),
    multiple: true,
  },
];

/**
 * @param {{ name: string, rawName: string, value?: string | undefined, inlineValue?: boolean | undefined }} token
 * @param {Record<string, import('./commands.mjs').Option>} options
 */
const optionProblem = ({ name, rawName, value, inlineValue }, options) => {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option || (rawName === `--${name}` && name.length === 1)) return `Unknown option ${rawName}.`;
  if (!option.value) return value === undefined ? undefined : `${rawName} takes no value.`;
  if (value === undefined || value === '' || (!inlineValue && value.startsWith('-')))
    return `${rawName} needs a value.`;
  const { least, most = Infinity } = option;
  if (least === undefined) return undefined;
  const isWithin = Number(value) >= least && Number(value) <= most;
  return isWithin ? undefined : `${rawName} must be a number${rangeOf(least, most)}, not ${value}.`;
};

/** @type {(least: number, most: number) => string} */
const rangeOf = (least, most) =>
  most < Infinity ? ` from ${least} to ${most}` : least > -Infinity ? ` of at least ${least}` : '';
