import { UsageError } from './usage';

/** Required services: each of them is called by another during a purchase or an erasure. */
export const coreServices = [
  'gateway',
  'auth',
  'profile',
  'product',
  'inventory',
  'order',
  'payment',
] as const;

/** Optional services, and what is missing without them. */
export const optionalServices = {
  search: 'words, sorting, price ranges and suggestions: the catalog is a plain list by category',
  notification: 'mails and messages: neither addresses are verified nor passwords reset',
} as const;

export type OptionalService = keyof typeof optionalServices;

const optionalNames = Object.keys(optionalServices) as OptionalService[];
const isOptional = (name: string): name is OptionalService => Object.hasOwn(optionalServices, name);

/** The choices for a new shop. */
export interface Choices {
  readonly folder: string;
  readonly name: string;
  /** Such as `@acme`. */
  readonly scope: string;
  /** Optional services to remove. */
  readonly leftOut: readonly OptionalService[];
}

/** npm's rules for new packages, without characters that are special in a shell or a regular expression. */
const nameRule = /^[a-z][a-z0-9-]{0,49}$/;

/** @throws UsageError with a sentence */
export function requireName(name: string): string {
  if (!nameRule.test(name) || name.endsWith('-'))
    throw new UsageError(
      `A name is 1–50 lower-case letters, digits and dashes, begins with a letter and does not end with a dash; "${name}" is not.`,
    );
  if (name === 'node-modules') throw new UsageError('npm refuses the name node-modules.');
  return name;
}

/**
 * @param scope with or without its @
 * @returns it with its @
 * @throws UsageError with a sentence
 */
export function requireScope(scope: string): string {
  const name = scope.replace(/^@/, '');
  if (!nameRule.test(name) || name.endsWith('-'))
    throw new UsageError(
      `A scope is @ and 1–50 lower-case letters, digits and dashes, begins with a letter and does not end with a dash; "${scope}" is not.`,
    );
  return `@${name}`;
}

/**
 * @param list such as `search,notification`; required services may be included
 * @returns the optional services that are not in the list
 * @throws UsageError with a sentence
 */
export function readServices(list: string): OptionalService[] {
  const named = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'core');
  const known: readonly string[] = [...coreServices, ...optionalNames];
  const unknown = named.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `There is no service ${unknown}. Always there: ${coreServices.join(', ')}; to be picked: ${optionalNames.join(', ')}.`,
    );
  const picked = new Set(named.filter(isOptional));
  return optionalNames.filter((name) => !picked.has(name));
}
