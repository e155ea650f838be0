import { readFileSync } from 'node:fs';
import path from 'node:path';
import { nodeFlags } from './node-flags';

const read = (file: string) => readFileSync(path.join(__dirname, '../../../..', file), 'utf8');

it.each(['tools/shop/launch.ts', 'Dockerfile', 'charts/service/templates/_pod.tpl'])(
  '%s starts a bundle with the same flags of Node.js',
  (file) => {
    const text = read(file);
    const said = /'?"?--enable-source-maps.*/.exec(text)?.[0] ?? '';
    expect(said.match(/--[a-z-]+(=\w+)?/g)).toEqual(nodeFlags);
  },
);
