import type { Family } from './family';
import { coffeeAndTea, kitchen, textiles } from './kitchen-and-table';
import { bath, garden, lighting } from './house-and-garden';
import { books, stationery, tools } from './desk-and-workshop';
import { audio, outdoor, toys } from './leisure';

/** The example shop, by category. */
export const families: Readonly<Record<string, readonly Family[]>> = {
  kitchen,
  'coffee-and-tea': coffeeAndTea,
  textiles,
  bath,
  lighting,
  garden,
  tools,
  outdoor,
  books,
  stationery,
  toys,
  audio,
};
