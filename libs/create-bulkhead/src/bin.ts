#!/usr/bin/env node
import path from 'node:path';
import { main } from './main';

const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
void main(process.argv.slice(2), { archive: path.join(__dirname, '../template.tar.gz') }, isTerminal).then(
  (code) => {
    process.exitCode = code;
  },
);
