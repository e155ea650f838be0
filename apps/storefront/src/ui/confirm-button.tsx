import { type ReactNode, useState } from 'react';
import { Failure } from './notice';
import { useLanguage } from '../language/language-provider';

interface ConfirmButtonProps {
  /** Label of the button. */
  readonly label: ReactNode;
  /** The confirmation question. */
  readonly question: string;
  readonly yes: string;
  readonly no?: string;
  /** The action's name for its error message, to start a sentence. */
  readonly what: string;
  readonly onConfirm: () => Promise<void>;
}

/** A button that asks for confirmation before an action that cannot be undone. */
export function ConfirmButton({ label, question, yes, no, what, onConfirm }: ConfirmButtonProps) {
  const { t } = useLanguage();
  const [isAsking, setIsAsking] = useState(false);
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = async () => {
    setIsSending(true);
    setError(undefined);
    try {
      await onConfirm();
      setIsAsking(false);
    } catch (failure) {
      setError(failure);
    }
    setIsSending(false);
  };
  return (
    <>
      {error !== undefined && <Failure error={error} what={what} />}
      {isAsking ? (
        <div className="actions" role="group" aria-label={question}>
          <button
            type="button"
            className="danger"
            disabled={isSending}
            autoFocus
            onClick={() => void confirm()}
          >
            {yes}
          </button>
          <button type="button" disabled={isSending} onClick={() => setIsAsking(false)}>
            {no ?? t.shop.leaveIt}
          </button>
        </div>
      ) : (
        <button type="button" onClick={() => setIsAsking(true)}>
          {label}
        </button>
      )}
    </>
  );
}
