import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Book, BookEntry } from './book';

export interface Journal {
  /** Writes synchronously: the provider never loses what it has confirmed. */
  append(entry: BookEntry): void;
  /** Restores the journal, and rewrites it in compact form. */
  restore(book: Book): void;
}

/** The book as lines of JSON in a file, which is compacted after `maxLines`. */
export function createJournal(path: string, maxLines: number): Journal {
  let lines = 0;
  let written: Book | undefined;

  const rewrite = (book: Book) => {
    const entries = [...book.entries()].map((entry) => `${JSON.stringify(entry)}\n`);
    writeFileSync(`${path}.new`, entries.join(''));
    renameSync(`${path}.new`, path);
    lines = entries.length;
  };

  return {
    append(entry) {
      appendFileSync(path, `${JSON.stringify(entry)}\n`);
      lines += 1;
      if (lines > maxLines && written) rewrite(written);
    },
    restore(book) {
      written = book;
      const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
      for (const line of text.split('\n')) {
        const entry = readLine(line);
        if (entry) book.restore(entry);
      }
      rewrite(book);
    },
  };
}

/** A line truncated by a kill is the last one, and its call had no response. */
function readLine(line: string): BookEntry | undefined {
  if (line === '') return undefined;
  try {
    return JSON.parse(line) as BookEntry;
  } catch {
    return undefined;
  }
}
