/**
 * Makes a bundle's source map cheap to hold. Node.js parses the whole map when the first stack is read and keeps it; with
 * every token of every package in it, that was more than half of a service's memory.
 */
import { decode, encode } from '@jridgewell/sourcemap-codec';

/**
 * Keeps every mapping of our own sources, and of packages one for each line: their frames in a stack still name file and
 * line, and lose the column.
 * @param text of the map
 * @returns of the thinner one
 */
export const thinSourceMap = (text: string): string => {
  const map = JSON.parse(text) as { sources: string[]; mappings: string };
  const ofPackage = map.sources.map((source) => source.includes('node_modules/'));
  const lines = decode(map.mappings).map((segments) =>
    segments.filter(([, source], index) => index === 0 || source === undefined || !ofPackage[source]),
  );
  return JSON.stringify({ ...map, mappings: encode(lines) });
};
