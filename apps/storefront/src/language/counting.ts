/** @returns a number with its noun, in the plural form of the language */
export function counting(language: string) {
  const rules = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  return (count: number, one: string, other: string): string =>
    `${number.format(count)} ${rules.select(count) === 'one' ? one : other}`;
}
