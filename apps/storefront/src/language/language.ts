import { createFormat, type Format } from '../ui/format';
import { en, type Texts } from './en';

/** The languages of the pages, each by its own name. */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type LanguageCode = keyof typeof languages;

/** The language of the shop's data: products, messages. The API has one language. */
export const dataLanguage: LanguageCode = 'en';

export interface Language {
  readonly code: LanguageCode;
  /** Texts. */
  readonly t: Texts;
  readonly format: Format;
}

/** The current language of the pages. */
export interface LanguageChoice {
  current(): Language;
  subscribe(listener: () => void): () => void;
  /** Switches the language, here and in other tabs, and stores it. A language that cannot be loaded changes nothing. */
  choose(code: LanguageCode): Promise<void>;
}

export interface LanguageDependencies {
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>;
  /** Registers a listener for storage changes in other tabs. */
  readonly onStorage: (listener: (key: string | null) => void) => void;
  /** The person's preferred BCP 47 tags, best first. */
  readonly preferred: readonly string[];
  /** English is bundled with the page; other languages are loaded on demand. */
  readonly load: (code: Exclude<LanguageCode, 'en'>) => Promise<Texts>;
}

const key = 'bulkhead.language';

/** Starts with the stored language, otherwise with the first of the browser's languages that is supported. */
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

/** Formats money and dates for the person's own country, if they prefer the page's language in a regional variant. */
const localeOf = (code: LanguageCode, preferred: readonly string[]): string =>
  preferred.find((tag) => baseOf(tag) === code) ?? code;
