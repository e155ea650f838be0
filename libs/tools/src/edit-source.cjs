/**
 * Small edits of TypeScript through its syntax tree: one entry added to or removed from a list, a record or the
 * imports. They change nothing else, so that removing an addition restores the file.
 */
const ts = require('typescript');

const parse = (text) => ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true);

/** The literal may be wrapped in `as const`, `satisfies …` and parentheses. */
function literalIn(node) {
  let inner = node;
  while (ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner) || ts.isParenthesizedExpression(inner))
    inner = inner.expression;
  return inner;
}

function initializerOf(source, name) {
  for (const statement of source.statements)
    if (ts.isVariableStatement(statement))
      for (const declaration of statement.declarationList.declarations)
        if (declaration.name.getText(source) === name && declaration.initializer)
          return declaration.initializer;
  throw new Error(`there is no constant ${name}`);
}

/** The first array or object in the constant: its value, or the start of a chain of calls. */
function literalOf(source, name) {
  let node = literalIn(initializerOf(source, name));
  const isLiteral = (each) => ts.isArrayLiteralExpression(each) || ts.isObjectLiteralExpression(each);
  const find = (each) => (isLiteral(each) ? each : ts.forEachChild(each, find));
  node = find(node);
  if (!node) throw new Error(`the constant ${name} holds no list and no record`);
  return node;
}

const entriesOf = (literal) => literal.elements ?? literal.properties;
const splice = (text, from, to, by) => text.slice(0, from) + by + text.slice(to);

/**
 * Adds an entry to the list or record that a constant holds: before the first one that spreads another, or at the end.
 * @param {string} entry as it stands in the source, without a comma
 */
exports.addEntry = (text, constant, entry) => {
  const source = parse(text);
  const literal = literalOf(source, constant);
  const entries = entriesOf(literal);
  const spread = entries.find((each) => ts.isSpreadElement(each) || ts.isSpreadAssignment(each));
  if (spread) return splice(text, spread.getStart(source), spread.getStart(source), `${entry},\n  `);
  const last = entries.at(-1);
  if (!last) return splice(text, literal.getEnd() - 1, literal.getEnd() - 1, entry);
  return splice(text, last.getEnd(), last.getEnd(), `,\n  ${entry}`);
};

/** Removes the entries of that constant whose source `matches` accepts. */
exports.removeEntries = (text, constant, matches) => {
  const source = parse(text);
  const entries = entriesOf(literalOf(source, constant));
  return entries.reduceRight((result, entry) => {
    if (!matches(entry.getText(source))) return result;
    let end = entry.getEnd();
    if (text[end] === ',') end += 1;
    return splice(result, entry.getFullStart(), end, '');
  }, text);
};

/** Adds an import, next to those of similarly named modules. */
exports.addImport = (text, statement) => {
  const source = parse(text);
  const moduleOf = (each) => each.moduleSpecifier.text;
  const imports = source.statements.filter(ts.isImportDeclaration);
  const [added] = parse(statement).statements;
  const folder = (name) => name.slice(0, name.lastIndexOf('/') + 1).replace(/[^/]+\/(?=src\/|$)/, '');
  const after = imports.findLast(
    (each) => folder(moduleOf(each)) === folder(moduleOf(added)) && moduleOf(each) < moduleOf(added),
  );
  const first = imports.find((each) => folder(moduleOf(each)) === folder(moduleOf(added)));
  const previous = after ?? (first || !moduleOf(added).startsWith('.') ? undefined : imports.at(-1));
  const position = previous ? previous.getEnd() : (first ?? imports[0]).getStart(source);
  return splice(text, position, position, previous ? `\n${statement}` : `${statement}\n`);
};

const importOf = (source, module) =>
  source.statements.find(
    (each) =>
      ts.isImportDeclaration(each) && each.moduleSpecifier.text === module && !each.importClause?.isTypeOnly,
  );
const namesIn = (declaration) => declaration?.importClause?.namedBindings?.elements ?? [];
const inOrder = (one, other) => one.toLowerCase() < other.toLowerCase();

/** Imports names of a module that are not imported yet. */
exports.addNames = (text, module, names) =>
  names.reduce((rest, name) => {
    const source = parse(rest);
    const declaration = importOf(source, module);
    if (!declaration) return exports.addImport(rest, `import { ${name} } from '${module}';`);
    const present = namesIn(declaration);
    if (present.some((each) => each.name.text === name)) return rest;
    const next = present.find((each) => inOrder(name, each.name.text));
    if (next) return splice(rest, next.getStart(source), next.getStart(source), `${name}, `);
    return splice(rest, present.at(-1).getEnd(), present.at(-1).getEnd(), `, ${name}`);
  }, text);

const isReference = (node, name) =>
  ts.isIdentifier(node) &&
  node.text === name &&
  !(ts.isPropertyAssignment(node.parent) && node.parent.name === node) &&
  !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node);

const isUsed = (source, name) => {
  const find = (node) =>
    !ts.isImportDeclaration(node) && (isReference(node, name) || ts.forEachChild(node, find));
  return Boolean(ts.forEachChild(source, find));
};

/** Removes imports of those names that the rest of the file does not use. */
exports.removeUnusedNames = (text, names) =>
  names.reduce((rest, name) => {
    const source = parse(rest);
    if (isUsed(source, name)) return rest;
    const imports = source.statements.filter(ts.isImportDeclaration);
    const whole = imports.find(({ importClause }) => importClause?.namedBindings?.name?.text === name);
    const declaration = whole ?? imports.find((each) => namesIn(each).some((one) => one.name.text === name));
    if (!declaration) return rest;
    const all = namesIn(declaration);
    const index = all.findIndex((each) => each.name.text === name);
    if (whole || all.length === 1) {
      const end = declaration.getEnd();
      return splice(rest, declaration.getStart(source), rest[end] === '\n' ? end + 1 : end, '');
    }
    const end = all[index].getEnd();
    if (index === all.length - 1) return splice(rest, all[index - 1].getEnd(), end, '');
    return splice(rest, all[index].getFullStart(), rest[end] === ',' ? end + 1 : end, '');
  }, text);

/** The property of the object that a function returns, in a file where one function returns such an object. */
function returnedProperty(source, name) {
  const isReturned = (node) =>
    ts.isObjectLiteralExpression(node) &&
    (ts.isReturnStatement(node.parent) || ts.isParenthesizedExpression(node.parent));
  const find = (node) =>
    (isReturned(node) &&
      node.properties.find((each) => ts.isPropertyAssignment(each) && each.name.getText(source) === name)) ||
    ts.forEachChild(node, find);
  return ts.forEachChild(source, find);
}

/**
 * Adds an entry to the list that a property of a returned object holds, such as the `operations` of a service.
 * @param {string} after the property that it stands behind where it is not there yet
 */
exports.addToReturned = (text, property, entry, after) => {
  const source = parse(text);
  const found = returnedProperty(source, property);
  if (!found) {
    const before = after && returnedProperty(source, after);
    if (!before) throw new Error(`no function returns an object with ${property}`);
    return splice(text, before.getEnd(), before.getEnd(), `, ${property}: [${entry}]`);
  }
  const value = found.initializer;
  if (!ts.isArrayLiteralExpression(value))
    return splice(text, value.getStart(source), value.getEnd(), `[...${value.getText(source)}, ${entry}]`);
  const last = value.elements.at(-1);
  if (!last) return splice(text, value.getEnd() - 1, value.getEnd() - 1, entry);
  return splice(text, last.getEnd(), last.getEnd(), `, ${entry}`);
};

/** Reverts that: also removes a list or property that was added for it. */
exports.removeFromReturned = (text, property, matches) => {
  const source = parse(text);
  const found = returnedProperty(source, property);
  const list = found?.initializer;
  if (!list || !ts.isArrayLiteralExpression(list)) return text;
  const kept = list.elements.filter((each) => !matches(each.getText(source)));
  if (kept.length === list.elements.length) return text;
  if (kept.length === 0) {
    const end = text[found.getEnd()] === ',' ? found.getEnd() + 1 : found.getEnd();
    return splice(text, found.getFullStart(), end, '');
  }
  if (kept.length === 1 && ts.isSpreadElement(kept[0]))
    return splice(text, list.getStart(source), list.getEnd(), kept[0].expression.getText(source));
  return list.elements.reduceRight((rest, each) => {
    if (kept.includes(each)) return rest;
    const end = text[each.getEnd()] === ',' ? each.getEnd() + 1 : each.getEnd();
    return splice(rest, each.getFullStart(), end, '');
  }, text);
};

/** Removes the declaration of a constant. */
exports.removeConstant = (text, name) => {
  const source = parse(text);
  const statement = source.statements.find(
    (each) =>
      ts.isVariableStatement(each) &&
      each.declarationList.declarations.some((one) => one.name.getText(source) === name),
  );
  return statement ? splice(text, statement.getFullStart(), statement.getEnd(), '') : text;
};

/** Removes the imports of modules that `matches` accepts. */
exports.removeImports = (text, matches) => {
  const source = parse(text);
  return source.statements
    .filter((each) => ts.isImportDeclaration(each) && matches(each.moduleSpecifier.text))
    .reduceRight((result, each) => {
      const end = each.getEnd();
      return splice(result, each.getStart(source), text[end] === '\n' ? end + 1 : end, '');
    }, text);
};

/** @returns {{ name: string, text: string }[]} the properties of the record that a constant holds, and their source */
exports.entriesIn = (text, constant) => {
  const source = parse(text);
  return entriesOf(literalOf(source, constant))
    .filter((each) => each.name)
    .map((each) => ({ name: each.name.getText(source), text: each.getText(source) }));
};

/** @returns names of the properties of the record that a constant holds */
exports.keysOf = (text, constant) => exports.entriesIn(text, constant).map(({ name }) => name);

/**
 * The constants of a file that a call of `defined` makes, such as `defineEvent`.
 * @returns by name, the value of a property of its argument that is a text
 */
exports.definedBy = (text, defined, property) => {
  const source = parse(text);
  const found = new Map();
  const visit = (node) => {
    if (ts.isCallExpression(node) && node.expression.getText(source) === defined) {
      const value = node.arguments[0]?.properties?.find((each) => each.name?.getText(source) === property);
      const name = node.parent.name?.getText(source);
      if (name && value?.initializer && ts.isStringLiteralLike(value.initializer))
        found.set(name, value.initializer.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};
