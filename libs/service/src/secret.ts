import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Parses the values in a secret's text. @throws Error describing what is wrong, without quoting the text */
type Read<T> = (text: string) => readonly [T, ...T[]];

/**
 * A secret that may be rotated while the service runs. Given as `NAME_FILE`, its value is the file's current content:
 * the file is read on each use, which takes microseconds for a mounted Secret. While the file is missing, empty or
 * invalid, the last values are kept. Given as `NAME`, it never changes.
 */
export class Secret<T = string> {
  #text: string;
  #values: readonly [T, ...T[]];
  #source: (() => string) | undefined;
  #trouble: string | undefined;
  #changes = 0;
  readonly #read: Read<T>;

  constructor(text: string, read: Read<T>) {
    this.#text = text;
    this.#read = read;
    this.#values = read(text);
  }

  /** All current values, the preferred one first. During a rotation the old and the new value are both valid. */
  get values(): readonly [T, ...T[]] {
    this.#refresh();
    return this.#values;
  }

  /** The current preferred value. */
  get value(): T {
    return this.values[0];
  }

  /** Whether it comes from a file, and so may change. */
  get mayChange(): boolean {
    return this.#source !== undefined;
  }

  /** Number of changes since the start, and what is currently wrong with its file, if anything. */
  state(): { readonly changes: number; readonly trouble: string | undefined } {
    this.#refresh();
    return { changes: this.#changes, trouble: this.#trouble };
  }

  /** From now on takes its values from this file, or from a combination of several. */
  follow(source: string | (() => string)): void {
    this.#source = typeof source === 'string' ? () => readFileSync(source, 'utf8') : source;
  }

  #refresh(): void {
    if (this.#source === undefined) return;
    let text: string;
    try {
      text = this.#source().trimEnd();
    } catch (error) {
      this.#trouble = `its file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unreadable'})`;
      return;
    }
    if (text === this.#text) {
      this.#trouble = undefined;
      return;
    }
    try {
      this.#values = this.#read(text);
      this.#text = text;
      this.#changes += 1;
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = `its file holds something else: ${(error as Error).message}`;
    }
  }
}

const maxValues = 5;

const linesOf =
  (each: z.ZodType<string, string>): Read<string> =>
  (text) => {
    const [first, ...others] = text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => checked(each, line));
    if (first === undefined) throw new Error('is empty');
    if (others.length >= maxValues) throw new Error(`must have at most ${maxValues} lines`);
    return [first, ...others];
  };

const checked = (each: z.ZodType<string, string>, line: string): string => {
  const parsed = each.safeParse(line);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues.map(({ message }) => message).join('; '));
};

const secretOf = (read: Read<string>) =>
  z.string().transform((text, context) => {
    try {
      return new Secret(text, read);
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  });

/**
 * A secret with one value or, during a rotation, several: one per line, the preferred one first, at most five.
 * @param each requirements on one value
 */
export const secret = (each: z.ZodType<string, string>) => secretOf(linesOf(each));

/**
 * A secret whose whole text is one value, such as certificates in PEM: a bundle contains old and new authorities.
 * @param whole requirements on the text
 */
export const secretText = (whole: z.ZodType<string, string> = z.string()) =>
  secretOf((text) => [checked(whole, text)]);
