import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Secret } from './secret';

/** Invalid configuration that prevents the start: the message is one sentence per variable, and contains no values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads configuration from environment variables. Every variable may instead be given as `NAME_FILE`, a path to a file
 * that contains the value (mounted Secrets); both at once is an error. Empty counts as unset. A `secret` follows
 * changes of its file.
 *
 * @param schema keys are the variables' names; `describe` what a variable means, it is quoted in errors
 * @throws ConfigError naming every variable that is missing or invalid
 */
export function loadConfig<S extends z.ZodObject>(schema: S, environment: Environment): z.output<S> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = valueOf(name, environment);
    if (value !== undefined && value !== '') given[name] = value;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) {
    for (const [name, value] of Object.entries(parsed.data)) {
      const file = environment[`${name}_FILE`];
      if (value instanceof Secret && file) value.follow(file);
    }
    return parsed.data;
  }
  throw new ConfigError(
    parsed.error.issues
      .map(({ path, message }) => {
        const name = String(path[0] ?? 'The configuration');
        const meaning = (schema.shape[name] as z.ZodType | undefined)?.description;
        const about = meaning ? ` (${meaning})` : '';
        return name in given
          ? `${name}${about} ${message}.`
          : `${name}${about} is missing or empty: ${message}.`;
      })
      .join('\n'),
  );
}

function valueOf(name: string, environment: Environment): string | undefined {
  const value = readVariable(name, environment);
  return environment[name] ? value : value?.trimEnd();
}

/**
 * One variable, or the content of the file that `NAME_FILE` names, without a trailing line break.
 * @throws ConfigError when both are set, or the file cannot be read
 */
export function readVariable(name: string, environment: Environment): string | undefined {
  const direct = environment[name];
  const file = environment[`${name}_FILE`];
  if (!file) return direct;
  if (direct) throw new ConfigError(`${name} and ${name}_FILE are both set; set one.`);
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new ConfigError(`${name}_FILE names a file that cannot be read (${code}).`, { cause });
  }
}

/** Whether it can be guessed. Generators of secrets produce at least 32 characters, of which 10 differ. */
export const isWeakSecret = (secret: string): boolean => secret.length < 32 || new Set(secret).size < 10;

/** A whole number given as text, within bounds. */
export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

/** A decimal number given as text, within bounds. */
export const decimal = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,12}(\.\d{1,9})?$/, 'must be a number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

/** `on` or `off`. */
export const toggle = (initial: 'on' | 'off') =>
  z
    .enum(['on', 'off'], 'must be on or off')
    .default(initial)
    .transform((value) => value === 'on');

/** A URL of one of the given protocols, such as `postgres`. */
export const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (value) => !URL.canParse(value) || protocols.includes(new URL(value).protocol.slice(0, -1)),
      `must be a URL that starts with ${starts(protocols)}`,
    )
    .refine(
      isEncoded,
      `must be a URL that starts with ${starts(protocols)}, in which user name and password are percent-encoded`,
    );

const starts = (protocols: readonly string[]) => protocols.map((protocol) => `${protocol}://`).join(' or ');

/** A password with an unescaped `#`, `/` or `?` shifts everything after it to another part of the URL. */
function isEncoded(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password, pathname, search, hash } = new URL(value);
  const mayHoldAt = /^https?:$/.test(protocol);
  if (!mayHoldAt && username === '' && password === '' && `${pathname}${search}${hash}`.includes('@'))
    return false;
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
