import { type SyntheticEvent, useRef, useState } from 'react';
import { ApiProblem } from '../api/problems';

/** Sends what is in a form once at a time, and tells which fields the API found fault with. */
export function useSubmit(submit: (fields: Readonly<Record<string, string>>) => Promise<void>) {
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const busy = useRef(false);
  const onSubmit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy.current) return;
    busy.current = true;
    setIsSending(true);
    setError(undefined);
    const fields = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([name, value]) => [
        name,
        typeof value === 'string' ? value : '',
      ]),
    );
    submit(fields)
      .catch(setError)
      .finally(() => {
        busy.current = false;
        setIsSending(false);
      });
  };
  return { isSending, error, onSubmit, problemOf: (field: string) => fieldProblem(error, field) };
}

/** A problem names fields by JSON pointers: `/body/password`. */
function fieldProblem(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const { errors } = error.members;
  if (!Array.isArray(errors)) return undefined;
  const found = (errors as { pointer?: unknown; detail?: unknown }[]).find(
    ({ pointer }) => typeof pointer === 'string' && pointer.endsWith(`/${field}`),
  );
  return typeof found?.detail === 'string' ? `This ${found.detail}.` : undefined;
}
