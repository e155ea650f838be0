import { createContext, type ReactNode, use, useLayoutEffect, useSyncExternalStore } from 'react';
import type { Language, LanguageChoice } from './language';

const LanguageContext = createContext<(Language & Pick<LanguageChoice, 'choose'>) | undefined>(undefined);

interface LanguageProviderProps {
  readonly choice: LanguageChoice;
  readonly children: ReactNode;
}

/** Renders every page in the selected language, and declares it for screen readers. */
export function LanguageProvider({ choice, children }: LanguageProviderProps) {
  const language = useSyncExternalStore(choice.subscribe, choice.current);
  useLayoutEffect(() => {
    document.documentElement.lang = language.code;
  }, [language]);
  return <LanguageContext value={{ ...language, choose: choice.choose }}>{children}</LanguageContext>;
}

/** The texts of the pages, and the formats of numbers and dates. */
export function useLanguage(): Language & Pick<LanguageChoice, 'choose'> {
  const language = use(LanguageContext);
  if (!language) throw new Error('there is no language around this component');
  return language;
}
