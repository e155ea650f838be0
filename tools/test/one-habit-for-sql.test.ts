import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** docs/decisions/0025-prisma-for-the-plain-sql-for-the-rest.md */
const root = path.join(__dirname, '../..');
const services = globSync('apps/*/prisma/schema.prisma', { cwd: root }).map(
  (schema) => schema.split(path.sep)[1]!,
);

const sourcesOf = (service: string) =>
  globSync(`apps/${service}/src/**/*.ts`, { cwd: root })
    .filter((file) => !/\.test\.ts$|[\\/](generated|testing)[\\/]/.test(file))
    .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8') }));

const beginsAsSql = /^\s*\(?(select|insert|update|delete|with)\b/i;

/** Put together from parts, but named as prepared statements are: `name: 'order-claim'`. */
const isPrepared = ({ properties }: ts.ObjectLiteralExpression) =>
  properties.some((each) => /^name: (['"`])[a-z][a-z0-9-]*\1$/.test(each.getText()));

/** Where in a file statements in SQL stand, `text: '…'`, above which no comment speaks of the client. */
function unexplained({ file, text }: { file: string; text: string }): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const speaksOfClient = (node: ts.Node): boolean =>
    (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []).some(({ pos, end }) =>
      /\bthe client\b/i.test(text.slice(pos, end)),
    ) ||
    (!ts.isSourceFile(node.parent) && speaksOfClient(node.parent));
  const visit = (node: ts.Node): void => {
    const isStatement =
      ts.isPropertyAssignment(node) &&
      node.name.getText() === 'text' &&
      (beginsAsSql.test(node.initializer.getText().replace(/^['"`]/, '')) || isPrepared(node.parent));
    if (isStatement && !speaksOfClient(node)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1}`);
    }
    node.forEachChild(visit);
  };
  visit(source);
  return found;
}

test('finds a statement in SQL that is not explained', () => {
  const statement = (comment: string) => ({
    file: 'some.ts',
    text: `${comment}\nconst one = { name: 'one', text: \`select 1\` };`,
  });
  expect(unexplained(statement('// Reads one.'))).toEqual(['some.ts:2']);
  expect(unexplained(statement('// The client cannot lock a row.'))).toEqual([]);
});

test.each(services)('every statement in SQL of %s says above it why it is not the client’s', (service) => {
  expect(sourcesOf(service).flatMap(unexplained)).toEqual([]);
});

test.each(services)('%s uses its Prisma client, made in one place', (service) => {
  const sources = sourcesOf(service);
  const makers = sources.filter(({ text }) => text.includes('new PrismaClient('));
  expect(makers.map(({ file }) => file)).toEqual([path.join('apps', service, 'src/database.ts')]);
  const users = sources.filter(({ text }) => /\bprisma(\s*\.\s*\w+){2}\(/.test(text));
  expect(users.length).toBeGreaterThan(2);
});

test('nobody sends raw SQL through the client, or begins a transaction of its own with it', () => {
  const raw = services
    .flatMap(sourcesOf)
    .filter(({ text }) => /\$(transaction|queryRaw|executeRaw)/.test(text))
    .map(({ file }) => file);
  expect(raw).toEqual([]);
});
