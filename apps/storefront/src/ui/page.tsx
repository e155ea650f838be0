import { type ReactNode, useEffect, useRef } from 'react';
import { useRouter } from '../router/router';

interface PageProps {
  readonly title: string;
  readonly lead?: ReactNode;
  readonly narrow?: boolean;
  readonly children: ReactNode;
}

/** A page has one heading, which receives the focus after navigation from another page. */
export function Page({ title, lead, narrow = false, children }: PageProps) {
  const { visit } = useRouter();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Bulkhead`;
  }, [title]);
  useEffect(() => {
    if (visit > 0) heading.current?.focus({ preventScroll: true });
  }, [visit]);
  return (
    <main id="main" className={narrow ? 'page narrow' : 'page'}>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {lead && <p className="lead">{lead}</p>}
      {children}
    </main>
  );
}
