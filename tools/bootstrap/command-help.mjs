// @ts-check
/** What `--help` prints. */
import { exitCodes } from './commands.mjs';

const width = 100;

/**
 * @param {string} name
 * @param {import('./commands.mjs').Command} command its entry in tools/bootstrap/commands.mjs
 * @returns {string} the help of the command
 */
export const helpOf = (name, { summary, takes, options = {}, environment = {}, exits = {} }) => {
  const usage = [takes, Object.keys(options).length > 0 && '[OPTIONS]'].filter(Boolean).join(' ');
  return [
    `usage: ${spoken(name)}${usage ? ` -- ${usage}` : ''}`,
    '',
    wrap(summary, '').join('\n'),
    ...table(
      'Options',
      Object.entries(options).map(
        /** @returns {[string, string]} */ ([option, kind]) => [labelOf(option, kind), kind.about],
      ),
    ),
    ...table('Environment', Object.entries(environment)),
    ...table('Exit codes', Object.entries({ ...exitCodes, ...exits })),
    '',
  ].join('\n');
};

/**
 * How a command is called: `npm start`, `npm run chaos`.
 * @param {string} name
 */
export const spoken = (name) => `npm ${['start', 'test'].includes(name) ? '' : 'run '}${name}`;

/** @type {(name: string, option: import('./commands.mjs').Option) => string} */
const labelOf = (name, { value, short }) =>
  `${short ? `-${short}, ` : ''}${name.length === 1 ? '-' : '--'}${name}${value ? ` ${value}` : ''}`;

/** @type {(title: string, rows: readonly (readonly [string, string])[]) => string[]} */
const table = (title, rows) => {
  if (rows.length === 0) return [];
  const left = Math.max(...rows.map(([key]) => key.length)) + 4;
  return [
    '',
    title,
    ...rows.flatMap(([key, about]) => {
      const [first = '', ...rest] = wrap(about, ' '.repeat(left));
      return [`${`  ${key}`.padEnd(left)}${first.slice(left)}`, ...rest];
    }),
  ];
};

/**
 * Lines of at most `width`, each with `indent`.
 * @type {(sentence: string, indent: string) => string[]}
 */
const wrap = (sentence, indent) => {
  const lines = [indent];
  for (const word of sentence.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line.length + word.length + 1 > width && line !== indent) lines.push(indent + word);
    else lines[lines.length - 1] = line === indent ? line + word : `${line} ${word}`;
  }
  return lines;
};
