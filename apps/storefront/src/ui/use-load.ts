import { useCallback, useEffect, useRef, useState } from 'react';

/** Data loaded from the API. While it is reloaded, the last value and the last error are kept. */
export interface Load<T> {
  readonly isLoading: boolean;
  readonly value: T | undefined;
  readonly error: unknown;
  reload(): void;
  /** Sets a value that is already known. */
  set(value: T): void;
}

/** @param key identifies the data; when it changes, the data is loaded again */
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
    // A notice that disappeared and reappeared with each poll would be announced each time, and its button would
    // vanish.
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
