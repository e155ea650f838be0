import { type ReactNode, useState } from 'react';
import { explain, isProblem } from '../api/problems';
import { Link, useRouter } from '../router/router';
import { useLanguage } from '../language/language-provider';

interface NoticeProps {
  readonly tone?: 'plain' | 'good' | 'bad';
  readonly title: string;
  readonly children?: ReactNode;
}

/** A notice with optional actions. Failures are announced immediately, everything else politely. */
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
  /** The part of the shop that failed, to start a sentence. */
  readonly what: string;
  /** Results in a new `error`, or in none. */
  readonly retry?: () => void;
}

/** A failure with a sentence about what happened and what to do next. */
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
