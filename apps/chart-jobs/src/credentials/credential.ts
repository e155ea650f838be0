import { z } from 'zod';

/**
 * A Secret as a chart asks for it. Values are templates: `{random}` becomes 32 random characters, `{key}` the value of
 * another key of the same Secret, so that a URL holds the password beside it.
 */
export const Credential = z.object({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/),
  labels: z.record(z.string(), z.string()).default({}),
  data: z.record(z.string(), z.string()),
});
export type Credential = z.output<typeof Credential>;

/**
 * The keys that a Secret lacks, with their values.
 * @param existing what the Secret holds; never changed, but quoted by new keys
 * @param random makes the text of `{random}`
 * @throws Error when a template names a key that there is not, or keys name each other in a circle
 */
export function missingKeys(
  { name, data }: Credential,
  existing: Readonly<Record<string, string>>,
  random: () => string,
): Record<string, string> {
  const made: Record<string, string> = {};
  const valueOf = (key: string, path: readonly string[]): string => {
    const known = existing[key] ?? made[key];
    if (known !== undefined) return known;
    const template = data[key];
    if (template === undefined || path.includes(key))
      throw new Error(`Secret ${name}: {${key}} has no value of its own`);
    const value = template.replace(/\{([A-Za-z0-9._-]+)\}/g, (_all, word: string) =>
      word === 'random' ? random() : valueOf(word, [...path, key]),
    );
    made[key] = value;
    return value;
  };
  for (const key of Object.keys(data)) valueOf(key, []);
  return made;
}
