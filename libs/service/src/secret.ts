import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The values in a secret's text. @throws Error that says what is wrong with the text, without quoting it */
type Read<T> = (text: string) => readonly [T, ...T[]];

/**
 * A secret that may be rotated while the service runs. Given as `NAME_FILE`, it is what the file says now: the file is
 * read anew at each use, which takes microseconds from a mounted Secret. While the file is missing, empty or wrong, the
 * last values stay. Given as `NAME`, it never changes.
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

  /** All values as they are now, the preferred one first. During a rotation old and new are both here. */
  get values(): readonly [T, ...T[]] {
    this.#refresh();
    return this.#values;
  }

  /** The preferred value as it is now. */
  get value(): T {
    return this.values[0];
  }

  /** Whether it comes from a file, and so may change. */
  get mayChange(): boolean {
    return this.#source !== undefined;
  }

  /** How often it has changed since the start, and what is wrong with its file now, if anything. */
  state(): { readonly changes: number; readonly trouble: string | undefined } {
    this.#refresh();
    return { changes: this.#changes, trouble: this.#trouble };
  }

  /** Takes its values from this file from now on, or from what is put together of several. */
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
 * A secret of one or, while it is rotated, several values: one a line, the preferred one first, at most five.
 * @param each what one value must be
 */
export const secret = (each: z.ZodType<string, string>) => secretOf(linesOf(each));

/**
 * A secret whose whole text is one value, as certificates in PEM are: old and new authorities stand in one bundle.
 * @param whole what the text must be
 */
export const secretText = (whole: z.ZodType<string, string> = z.string()) =>
  secretOf((text) => [checked(whole, text)]);
