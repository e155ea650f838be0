import { type ReactNode, useState } from 'react';
import { explain, isProblem } from '../api/problems';
import { Link, useRouter } from '../router/router';
import { useLanguage } from '../language/language-provider';

interface NoticeProps {
  readonly tone?: 'plain' | 'good' | 'bad';
  readonly title: string;
  readonly children?: ReactNode;
}

/** Something to know, and what to do about it. Failures are said at once, other things when there is time. */
export function Notice({ tone = 'plain', title, children }: NoticeProps) {
  return (
    <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <p className="notice-title">{title}</p>
      {children}
    </div>
  );
}

interface FailureProps {
  readonly error: unknown;
  /** The part of the shop that failed, as the beginning of a sentence. */
  readonly what: string;
  /** Ends in another `error`, or in none. */
  readonly retry?: () => void;
}

/** A failure with a sentence of what happened and the next thing to do. */
export function Failure({ error, what, retry }: FailureProps) {
  const { t } = useLanguage();
  const { path } = useRouter();
  const { happened, next } = explain(error, what, t);
  const [retried, setRetried] = useState<unknown>();
  const isRetrying = retried === error;
  const isSignedOut = isProblem(error, 'unauthenticated', 'invalid-token');
  return (
    <Notice tone="bad" title={happened}>
      <p>{next}</p>
      {isSignedOut ? (
        <Link to="signIn" query={{ next: path }} className="button">
          {t.shop.signIn}
        </Link>
      ) : (
        retry && (
          <button
            type="button"
            aria-disabled={isRetrying}
            onClick={() => {
              if (isRetrying) return;
              setRetried(error);
              retry();
            }}
          >
            {isRetrying ? t.shop.tryingAgain : t.shop.tryAgain}
          </button>
        )
      )}
    </Notice>
  );
}
