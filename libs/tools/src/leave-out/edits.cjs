/**
 * The edits used by `notification.cjs` and `search.cjs`: each is a function from the text of a file to its new text,
 * and throws if the file no longer contains what it edits, so that an outdated list is noticed.
 */
const ts = require('typescript');

const parse = (text) =>
  ts.createSourceFile('source.tsx', text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);

/** Everything from the end of the previous node, including comments, to its own end and a comma. */
function cut(text, node) {
  const end = text[node.getEnd()] === ',' ? node.getEnd() + 1 : node.getEnd();
  return text.slice(0, node.getFullStart()) + text.slice(end);
}

/** Removes all nodes that `matches` finds, the last one first. */
function cutAll(text, matches, what) {
  const source = parse(text);
  const found = [];
  // No return value: one would end the walk.
  const visit = (node) => {
    if (matches(node, source)) found.push(node);
    else ts.forEachChild(node, visit);
  };
  visit(source);
  if (found.length === 0) throw new Error(`there is no ${what}`);
  return found.reduceRight(cut, text);
}

exports.replace = (from, to) => (text) => {
  if (!text.includes(from)) throw new Error(`there is no "${from}"`);
  return text.replaceAll(from, () => to);
};

/** Removes the lines that contain one of these; there must be one for each. */
exports.withoutLines =
  (...parts) =>
  (text) => {
    for (const part of parts) if (!text.includes(part)) throw new Error(`there is no "${part}"`);
    return text
      .split('\n')
      .filter((line) => !parts.some((part) => line.includes(part)))
      .join('\n');
  };

/** Removes the text from the first string up to the second one, which stays; without a second one, to the end. */
exports.withoutPart = (from, to) => (text) => {
  const start = text.indexOf(from);
  const end = to === undefined ? text.length : text.indexOf(to, start + from.length);
  if (start < 0 || end < 0)
    throw new Error(`there is no "${from}"${to === undefined ? '' : ` with "${to}" after it`}`);
  return text.slice(0, start) + text.slice(end);
};

/** Removes tests whose titles start with these. */
exports.withoutTests =
  (...titles) =>
  (text) =>
    titles.reduce(
      (rest, title) =>
        cutAll(
          rest,
          (node) =>
            ts.isExpressionStatement(node) &&
            ts.isCallExpression(node.expression) &&
            /^(it|test)$/.test(node.expression.expression.getText()) &&
            ts.isStringLiteralLike(node.expression.arguments[0]) &&
            node.expression.arguments[0].text.startsWith(title),
          `test "${title}"`,
        ),
      text,
    );

/** Removes the declarations of these constants, functions and types. */
exports.withoutDeclarations =
  (...names) =>
  (text) =>
    names.reduce(
      (rest, name) =>
        cutAll(
          rest,
          (node) =>
            ((ts.isFunctionDeclaration(node) ||
              ts.isTypeAliasDeclaration(node) ||
              ts.isInterfaceDeclaration(node)) &&
              node.name?.text === name) ||
            (ts.isVariableStatement(node) &&
              node.declarationList.declarations.length === 1 &&
              node.declarationList.declarations[0].name.getText() === name),
          `declaration of ${name}`,
        ),
      text,
    );

/** Removes elements of lists and properties of records whose source starts with these. */
exports.withoutEntries =
  (...starts) =>
  (text) =>
    starts.reduce(
      (rest, start) =>
        cutAll(
          rest,
          (node) =>
            (ts.isArrayLiteralExpression(node.parent ?? node) ||
              ts.isObjectLiteralElementLike(node) ||
              (ts.isTypeElement(node) && ts.isTypeLiteralNode(node.parent))) &&
            node.getText().startsWith(start),
          `entry "${start}"`,
        ),
      text,
    );

/** Removes unused imports. */
exports.withoutUnusedImports = (text) => {
  const source = parse(text);
  const imports = source.statements.filter(ts.isImportDeclaration);
  const rest = imports.reduceRight(
    (remaining, each) => remaining.slice(0, each.getStart()) + remaining.slice(each.getEnd()),
    text,
  );
  const isUsed = (name) => new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(rest);
  return imports.reduceRight((remaining, each) => {
    const { importClause } = each;
    if (!importClause) return remaining;
    const named =
      importClause.namedBindings && ts.isNamedImports(importClause.namedBindings)
        ? importClause.namedBindings.elements
        : undefined;
    const others = [importClause.name, named ? undefined : importClause.namedBindings?.name].filter(Boolean);
    const unused = (named ?? []).filter((element) => !isUsed(element.name.text));
    const isWhole = unused.length === (named ?? []).length && !others.some((name) => isUsed(name.text));
    if (isWhole) {
      const end = each.getEnd();
      return remaining.slice(0, each.getStart()) + remaining.slice(text[end] === '\n' ? end + 1 : end);
    }
    return unused.reduceRight(cut, remaining);
  }, text);
};
