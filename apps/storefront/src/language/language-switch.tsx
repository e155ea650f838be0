import { type LanguageCode, languages } from './language';
import { useLanguage } from './language-provider';

/** The other languages, each in its own language, as its readers look for it. */
export function LanguageSwitch() {
  const { code, choose } = useLanguage();
  const others = (Object.keys(languages) as LanguageCode[]).filter((other) => other !== code);
  return others.map((other) => (
    <button key={other} type="button" className="quiet" lang={other} onClick={() => void choose(other)}>
      {languages[other]}
    </button>
  ));
}
