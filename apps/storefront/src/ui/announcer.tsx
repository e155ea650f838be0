import { createContext, type ReactNode, use, useCallback, useState } from 'react';
import { useLanguage } from '../language/language-provider';

const AnnouncerContext = createContext<(text: string) => void>(() => undefined);

/** Announces changes to screen readers without moving the focus. */
export const useAnnounce = () => use(AnnouncerContext);

export function Announcer({ children }: { readonly children: ReactNode }) {
  const { code } = useLanguage();
  const [said, setSaid] = useState({ text: '', lang: code, turn: false });
  const announce = useCallback(
    (text: string) => setSaid(({ turn }) => ({ text, lang: code, turn: !turn })),
    [code],
  );
  return (
    <AnnouncerContext value={announce}>
      {children}
      <div role="status" className="unseen" lang={said.lang}>
        {/* A text that is said again has to differ to be heard again. */}
        {said.text}
        {said.turn ? '\u00a0' : ''}
      </div>
    </AnnouncerContext>
  );
}
