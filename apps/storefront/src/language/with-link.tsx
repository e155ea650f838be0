import type { ReactNode } from 'react';

interface WithLinkProps {
  /** A sentence with square brackets around the text of a link. */
  readonly text: string;
  readonly children: (words: string) => ReactNode;
}

/** A sentence with a link in it, whose position differs by language. */
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
