import { createFormat, type Format } from '../ui/format';
import { en, type Texts } from './en';

/** The languages of the pages, each by its own name. */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type LanguageCode = keyof typeof languages;

/** What the shop's own data is written in: products, messages. The API has one language. */
export const dataLanguage: LanguageCode = 'en';

export interface Language {
  readonly code: LanguageCode;
  /** Texts. */
  readonly t: Texts;
  readonly format: Format;
}

/** The language that the pages are in. */
export interface LanguageChoice {
  current(): Language;
  subscribe(listener: () => void): () => void;
  /** Changes over, here and in other tabs, and remembers it. A language that cannot be loaded changes nothing. */
  choose(code: LanguageCode): Promise<void>;
}

export interface LanguageDependencies {
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
  /** Calls back when another tab has changed the storage. */
  readonly onStorage: (listener: (key: string | null) => void) => void;
  /** BCP 47 tags that the person prefers, best first. */
  readonly preferred: readonly string[];
  /** English comes with the page; another language only to those who read it. */
  readonly load: (code: Exclude<LanguageCode, 'en'>) => Promise<Texts>;
}

const key = 'bulkhead.language';

/** Begins with the language that was chosen before, or else with the first of the browser's that there is. */
export async function createLanguageChoice(dependencies: LanguageDependencies): Promise<LanguageChoice> {
  const { storage, onStorage, preferred, load } = dependencies;
  const listeners = new Set<() => void>();
  const languageOf = async (code: LanguageCode): Promise<Language> => ({
    code,
    t: code === 'en' ? en : await load(code),
    format: createFormat(localeOf(code, preferred)),
  });
  const wanted = (): LanguageCode => {
    const stored = storage.getItem(key);
    return stored !== null && isLanguage(stored) ? stored : bestOf(preferred);
  };
  let language = await languageOf(wanted()).catch(() => languageOf('en'));
  const change = async (code: LanguageCode): Promise<boolean> => {
    const loaded = await languageOf(code).catch(() => undefined);
    if (!loaded) return false;
    language = loaded;
    listeners.forEach((listener) => listener());
    return true;
  };
  onStorage((changed) => {
    if ((changed === key || changed === null) && wanted() !== language.code) void change(wanted());
  });
  return {
    current: () => language,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async choose(code) {
      if (await change(code)) storage.setItem(key, code);
    },
  };
}

const isLanguage = (code: string): code is LanguageCode => Object.hasOwn(languages, code);

const baseOf = (tag: string): string => tag.split('-', 1)[0]!.toLowerCase();

const bestOf = (preferred: readonly string[]): LanguageCode =>
  preferred.map(baseOf).find((base) => isLanguage(base)) ?? 'en';

/** Money and dates as the person's own country writes them, where it has the language of the page. */
const localeOf = (code: LanguageCode, preferred: readonly string[]): string =>
  preferred.find((tag) => baseOf(tag) === code) ?? code;
