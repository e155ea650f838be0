/**
 * Makes a bundle's source map cheap to hold. Node.js parses the whole map when the first stack is read and keeps it; with
 * every token of every package in it, that was more than half of a service's memory.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { decode, encode } from '@jridgewell/sourcemap-codec';

/**
 * Keeps every mapping of our own sources, and of packages one for each line: their frames in a stack still name file and
 * line, and lose the column.
 * @param {string} file path of the map, which is written again
 */
export const thinSourceMap = async (file) => {
  const map = JSON.parse(await readFile(file, 'utf8'));
  const ofPackage = map.sources.map((source) => source.includes('node_modules/'));
  const lines = decode(map.mappings).map((segments) =>
    segments.filter(([, source], index) => index === 0 || !ofPackage[source]),
  );
  await writeFile(file, JSON.stringify({ ...map, mappings: encode(lines) }));
};
