import { useCallback, useEffect, useRef, useState } from 'react';

/** Something that the API is asked for. While it is asked again, the last value and the last failure stay. */
export interface Load<T> {
  readonly isLoading: boolean;
  readonly value: T | undefined;
  readonly error: unknown;
  reload(): void;
  /** Puts in a value that is known without asking. */
  set(value: T): void;
}

/** @param key what is asked for; when it changes, it is asked for anew */
export function useLoad<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Load<T> {
  const [state, setState] = useState<Pick<Load<T>, 'isLoading' | 'value' | 'error'>>({
    isLoading: true,
    value: undefined,
    error: undefined,
  });
  const [round, setRound] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  const lastKey = useRef(key);

  useEffect(() => {
    const ending = new AbortController();
    // A notice that vanished and came back with each look would be read out each time, and its button would be gone.
    const isSame = lastKey.current === key;
    lastKey.current = key;
    setState(({ value, error }) => ({ isLoading: true, value, error: isSame ? error : undefined }));
    latest.current(ending.signal).then(
      (value) => ending.signal.aborted || setState({ isLoading: false, value, error: undefined }),
      (error: unknown) =>
        ending.signal.aborted || setState(({ value }) => ({ isLoading: false, value, error })),
    );
    return () => ending.abort();
  }, [key, round]);

  return {
    ...state,
    reload: useCallback(() => setRound((present) => present + 1), []),
    set: useCallback((value: T) => setState({ isLoading: false, value, error: undefined }), []),
  };
}
