import { readFileSync } from 'node:fs';
import path from 'node:path';
import { nodeProblem, oldestNode } from './node-version';

it.each([
  ['24.7.0', undefined],
  ['26.12.1', undefined],
  ['24.6.0', 'Node.js 24.7 or later is needed; this is 24.6.0.'],
  ['22.23.1', 'Node.js 24.7 or later is needed; this is 22.23.1.'],
])('a service that Node.js %s starts says %s', (version, problem) => {
  expect(nodeProblem(version)).toBe(problem);
});

it('is what package.json says', () => {
  const { engines } = JSON.parse(readFileSync(path.join(__dirname, '../../../../package.json'), 'utf8')) as {
    engines: { node: string };
  };
  expect(engines.node).toBe(`>=${oldestNode.join('.')}`);
});
