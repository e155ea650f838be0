import type { Family } from './family';

export const outdoor: readonly Family[] = [
  {
    sku: 'BTL-STEEL',
    name: 'Insulated Bottle',
    price: 2990,
    by: 'Size',
    text: 'Keeps tea hot for twelve hours and water cold for twenty-four.',
    variants: [
      ['05', '0.5 litres'],
      ['10', '1 litre', 700],
    ],
  },
  {
    sku: 'TENT-RIDGE',
    name: 'Ridge Tent',
    price: 28900,
    by: 'Size',
    text: 'Two poles and a fly that stands up to a night on the pass.',
    variants: [
      ['2P', 'Two People'],
      ['3P', 'Three People', 6000],
    ],
  },
  {
    sku: 'BAG-SLEEP',
    name: 'Down Sleeping Bag',
    price: 19900,
    by: 'Variety',
    text: 'Responsibly sourced down, boxed so that it stays where it warms.',
    variants: [
      ['SUM', 'Summer'],
      ['3S', 'Three Season', 8000],
      ['WIN', 'Winter', 17000],
    ],
  },
  {
    sku: 'STV-GAS',
    name: 'Folding Gas Stove',
    price: 5490,
    by: 'Variety',
    text: 'Boils a litre in four minutes and fits into its own pot.',
    variants: [
      ['STD', 'Standard'],
      ['PIE', 'With Piezo Lighter', 900],
    ],
  },
  {
    sku: 'PACK-DAY',
    name: 'Waxed Canvas Day Pack',
    price: 12400,
    by: 'Colour',
    text: 'Eighteen litres, one long zip, and a back that lets air through.',
    variants: [
      ['KHA', 'Khaki'],
      ['BLK', 'Charcoal'],
      ['MUS', 'Mustard'],
    ],
  },
  {
    sku: 'LMP-HEAD',
    name: 'Rechargeable Headlamp',
    price: 4290,
    by: 'Variety',
    text: 'Four hundred lumens, a red mode for maps, and a lock against the rucksack.',
    variants: [
      ['400', '400 Lumens'],
      ['800', '800 Lumens', 2600],
    ],
  },
  {
    sku: 'HAM-MOCK',
    name: 'Cotton Hammock',
    price: 6990,
    by: 'Pattern',
    text: 'Woven wide enough to lie across, which is the trick.',
    variants: [
      ['SUN', 'Sunset Stripe'],
      ['SEA', 'Sea Stripe'],
      ['NAT', 'Natural', -500],
    ],
  },
];

export const toys: readonly Family[] = [
  {
    sku: 'BLK-WOOD',
    name: 'Building Blocks',
    price: 3900,
    by: 'Size',
    text: 'Beech offcuts in exact proportions, oiled and without a corner that hurts.',
    variants: [
      ['40', '40 Pieces'],
      ['100', '100 Pieces', 3500],
    ],
  },
  {
    sku: 'PUZ-JIG',
    name: 'Jigsaw Puzzle, 1000 Pieces',
    price: 2190,
    by: 'Pattern',
    text: 'Thick card that clicks, with a poster to cheat by.',
    variants: [
      ['MAP', 'Old World Map'],
      ['REEF', 'Coral Reef'],
      ['MRKT', 'Market Day'],
    ],
  },
  {
    sku: 'TRN-WOOD',
    name: 'Wooden Train',
    price: 3450,
    by: 'Colour',
    text: 'An engine and three wagons with magnets that forgive.',
    variants: [
      ['RED', 'Red'],
      ['GRN', 'Green'],
    ],
  },
  {
    sku: 'BEAR-MOH',
    name: 'Mohair Bear',
    price: 5900,
    by: 'Size',
    text: 'Jointed, growling, stuffed with wool, and a good listener.',
    variants: [
      ['20', '20 cm'],
      ['35', '35 cm', 3000],
    ],
  },
  {
    sku: 'KITE-DELTA',
    name: 'Delta Kite',
    price: 3190,
    by: 'Colour',
    text: 'Flies in a breath of wind and folds to the length of an arm.',
    variants: [
      ['RNB', 'Rainbow'],
      ['SWL', 'Swallow'],
      ['SUN', 'Sun'],
    ],
  },
  {
    sku: 'GAME-BRD',
    name: 'Board Game',
    price: 3690,
    by: 'Edition',
    text: 'For two to five players and about an hour; rules on one page.',
    variants: [
      ['LGT', 'Lighthouse'],
      ['ORC', 'Orchard'],
      ['CRV', 'Caravan', 500],
    ],
  },
  {
    sku: 'WTR-COL',
    name: 'Watercolour Box',
    price: 1850,
    by: 'Size',
    text: 'Pans of real pigment, a brush that keeps its tip, and a lid to mix in.',
    variants: [
      ['12', '12 Colours'],
      ['24', '24 Colours', 1250],
    ],
  },
];

export const audio: readonly Family[] = [
  {
    sku: 'HDP-OVER',
    name: 'Over-Ear Headphones',
    price: 15900,
    by: 'Colour',
    text: 'Closed, soft and honest, with a cable you can replace.',
    variants: [
      ['BLK', 'Black'],
      ['SND', 'Sand'],
    ],
  },
  {
    sku: 'SPK-SHELF',
    name: 'Bookshelf Speakers, Pair',
    price: 32900,
    by: 'Wood',
    text: 'A two-way speaker with real veneer, tuned for rooms with books in them.',
    variants: [
      ['OAK', 'Oak'],
      ['WAL', 'Walnut', 2000],
      ['WHT', 'White Lacquer'],
    ],
  },
  {
    sku: 'RAD-KITCH',
    name: 'Kitchen Radio',
    price: 8990,
    by: 'Colour',
    text: 'FM and DAB with two knobs and nothing to update.',
    variants: [
      ['MNT', 'Mint'],
      ['CRM', 'Cream'],
      ['RED', 'Red'],
    ],
  },
  {
    sku: 'TRN-TABLE',
    name: 'Belt-Drive Turntable',
    price: 24900,
    by: 'Wood',
    text: 'A heavy platter, a straight arm and a cartridge that tracks at two grams.',
    variants: [
      ['ASH', 'Black Ash'],
      ['WAL', 'Walnut', 1500],
    ],
  },
  {
    sku: 'VIN-CLEAN',
    name: 'Record Brush',
    price: 1690,
    by: 'Variety',
    text: 'Takes the dust out of the groove and the crackle out of the music.',
    variants: [
      ['CRB', 'Carbon Fibre'],
      ['VLV', 'Velvet', -200],
    ],
  },
  {
    sku: 'SPK-PORT',
    name: 'Portable Speaker',
    price: 7900,
    by: 'Colour',
    text: 'Twenty hours of music, rain included, with a strap for a branch.',
    variants: [
      ['CLY', 'Clay'],
      ['FRN', 'Fern'],
      ['INK', 'Ink'],
    ],
  },
  {
    sku: 'CBL-AUX',
    name: 'Braided Audio Cable',
    price: 1290,
    by: 'Size',
    text: 'Cotton braid over shielded copper, with plugs that stay in.',
    variants: [
      ['1', '1 m'],
      ['3', '3 m', 500],
    ],
  },
];
