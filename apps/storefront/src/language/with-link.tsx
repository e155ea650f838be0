import type { ReactNode } from 'react';

interface WithLinkProps {
  /** A sentence with square brackets around the words that are a link. */
  readonly text: string;
  readonly children: (words: string) => ReactNode;
}

/** A sentence with a link in it: where in the sentence it is differs by language. */
export function WithLink({ text, children }: WithLinkProps) {
  const [, before, words = '', after] = /^(.*?)\[(.*)\](.*)$/s.exec(text) ?? [undefined, text];
  return (
    <>
      {before}
      {words && children(words)}
      {after}
    </>
  );
}
