import { type SyntheticEvent, useRef, useState } from 'react';
import type { Texts } from '../language/en';
import { ApiProblem } from '../api/problems';
import { useLanguage } from '../language/language-provider';

/** Submits a form, once at a time, and provides the API's validation errors of its fields. */
export function useSubmit(submit: (fields: Readonly<Record<string, string>>) => Promise<void>) {
  const { t } = useLanguage();
  const [isSending, setIsSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const busy = useRef(false);
  const onSubmit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy.current) return;
    busy.current = true;
    setIsSending(true);
    setError(undefined);
    submit(textsOf(event.currentTarget))
      .catch(setError)
      .finally(() => {
        busy.current = false;
        setIsSending(false);
      });
  };
  return { isSending, error, onSubmit, problemOf: (field: string) => fieldProblem(error, field, t) };
}

/** The text fields of a form. */
export const textsOf = (form: HTMLFormElement): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [name, typeof value === 'string' ? value : '']),
  );

/** Problems refer to fields by JSON pointers: `/body/password`. */
export function fieldProblem(error: unknown, field: string, t: Texts): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const { errors } = error.members;
  if (!Array.isArray(errors)) return undefined;
  const found = (errors as { pointer?: unknown; detail?: unknown }[]).find(
    ({ pointer }) => typeof pointer === 'string' && pointer.endsWith(`/${field}`),
  );
  return typeof found?.detail === 'string' ? t.problems.field(found.detail) : undefined;
}
