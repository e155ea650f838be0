/** @returns a number with the noun it counts, in the form that the language has for it */
export function counting(language: string) {
  const rules = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  return (count: number, one: string, other: string): string =>
    `${number.format(count)} ${rules.select(count) === 'one' ? one : other}`;
}
