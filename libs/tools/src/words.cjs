/** One name in the spellings of code, files and types. */

const capital = (word) => word[0].toUpperCase() + word.slice(1);

/** `trackShipment`, `shipment.sent` or `refund-paid` as its words. */
const wordsOf = (name) =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[ .-]+/);

exports.kebab = (name) => wordsOf(name).join('-');
exports.pascal = (name) => wordsOf(name).map(capital).join('');
exports.camel = (name) => {
  const [first, ...rest] = wordsOf(name);
  return first + rest.map(capital).join('');
};
/** As the start of a sentence: `Track shipment`. */
exports.sentence = (name) => capital(wordsOf(name).join(' '));
