import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { de } from './de';
import { en } from './en';

/** The keys of all texts. Tables whose keys the API decides may hold more in one language than in another. */
const keysOf = (texts: object, at = ''): string[] =>
  Object.entries(texts).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'object' && value !== null && !['.catalog.category'].includes(`${at}.${key}`)
      ? keysOf(value, `${at}.${key}`)
      : [`${at}.${key}`],
  );

test('every language has the same texts, and none is empty', () => {
  expect(keysOf(de)).toEqual(keysOf(en));
  expect(JSON.stringify([en, de])).not.toContain('""');
});

test('a sentence with a link has one in every language', () => {
  const links = (texts: unknown) =>
    [
      ...JSON.stringify(texts, (_key, value: unknown) =>
        typeof value === 'function' ? String(value) : value,
      ).matchAll(/\[[^\]"]+\]/g),
    ].length;
  expect(links(de.checkout)).toBe(links(en.checkout));
  expect(links(de.account)).toBe(links(en.account));
});

const source = path.join(__dirname, '..');
const pages = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.tsx'),
);
const seen = new Set([
  'title',
  'label',
  'aria-label',
  'placeholder',
  'alt',
  'hint',
  'what',
  'question',
  'yes',
  'no',
  'lead',
]);

/** Text that people see and that no catalogue has. */
function textsWithoutCatalogue(file: ts.SourceFile): string[] {
  const found: string[] = [];
  const isWords = (text: string) => /\p{L}/u.test(text.replaceAll('&nbsp;', ''));
  /** What an expression may come to be, as far as it is written there. */
  const shown = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) && isWords(node.text)) found.push(node.text);
    if (ts.isTemplateExpression(node)) {
      found.push(
        ...[node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].filter(isWords),
      );
      node.templateSpans.forEach(({ expression }) => shown(expression));
    }
    if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(shown);
    if (ts.isBinaryExpression(node) && !isComparison(node)) [node.left, node.right].forEach(shown);
    if (ts.isParenthesizedExpression(node) || ts.isJsxExpression(node)) node.forEachChild(shown);
  };
  const isComparison = ({ operatorToken }: ts.BinaryExpression) => /[=<>]|^in/.test(operatorToken.getText());
  const isKept = (node: ts.Node): boolean =>
    ts.isJsxElement(node) &&
    node.openingElement.attributes.properties.some(
      (attribute) => ts.isJsxAttribute(attribute) && attribute.name.getText() === 'translate',
    );
  const visit = (node: ts.Node): void => {
    if (isKept(node)) return;
    if (ts.isJsxText(node) && isWords(node.text)) found.push(node.text.trim());
    if (ts.isJsxAttribute(node) && seen.has(node.name.getText()) && node.initializer) shown(node.initializer);
    if (ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent)) shown(node);
    if (ts.isCallExpression(node) && node.expression.getText() === 'announce') node.arguments.forEach(shown);
    node.forEachChild(visit);
  };
  visit(file);
  return found;
}

test.each(pages)('%s takes every text from the catalogue', (name) => {
  const file = ts.createSourceFile(
    name,
    readFileSync(path.join(source, name), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  expect(textsWithoutCatalogue(file)).toEqual([]);
});
