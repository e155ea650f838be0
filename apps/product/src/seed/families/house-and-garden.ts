import type { Family } from './family';

export const bath: readonly Family[] = [
  {
    sku: 'SOAP-BAR',
    name: 'Cold-Process Soap',
    price: 690,
    by: 'Scent',
    text: 'Olive oil and shea butter, cured for six weeks, wrapped in paper.',
    variants: [
      ['LAV', 'Lavender'],
      ['CED', 'Cedar'],
      ['LEM', 'Lemon Verbena'],
      ['PLN', 'Unscented', -50],
    ],
  },
  {
    sku: 'TWL-BATH',
    name: 'Waffle Bath Towel',
    price: 2890,
    by: 'Colour',
    text: 'A honeycomb weave that takes up a lot of water and dries by the morning.',
    variants: [
      ['WHT', 'White'],
      ['SND', 'Sand'],
      ['EUC', 'Eucalyptus'],
    ],
  },
  {
    sku: 'BRSH-BATH',
    name: 'Long-Handled Bath Brush',
    price: 1990,
    by: 'Wood',
    text: 'Plant bristles on a head that comes off, so that you can use it dry as well.',
    variants: [
      ['BEE', 'Beech'],
      ['THM', 'Thermowood', 500],
    ],
  },
  {
    sku: 'SALT-BATH',
    name: 'Bath Salt, 600 g',
    price: 1250,
    by: 'Scent',
    text: 'Coarse sea salt with mountain herbs, for shoulders that carried something.',
    variants: [
      ['PIN', 'Pine'],
      ['ROS', 'Rosemary'],
      ['CHM', 'Chamomile'],
    ],
  },
  {
    sku: 'MAT-BATH',
    name: 'Tufted Bath Mat',
    price: 3290,
    by: 'Colour',
    text: 'Cotton tufts on a backing that stays where it is put.',
    variants: [
      ['GRY', 'Pebble Grey'],
      ['WHT', 'Chalk'],
      ['NVY', 'Night Blue'],
    ],
  },
  {
    sku: 'RAZ-SAFE',
    name: 'Safety Razor',
    price: 4400,
    by: 'Finish',
    text: 'Solid brass for ordinary double-edged blades: buy it once.',
    variants: [
      ['CHR', 'Chrome'],
      ['BRS', 'Raw Brass', 400],
    ],
  },
];

export const lighting: readonly Family[] = [
  {
    sku: 'LMP-DESK',
    name: 'Jointed Desk Lamp',
    price: 8900,
    by: 'Colour',
    text: 'Three springs hold it where you leave it; warm light, with a dimmer in the head.',
    variants: [
      ['GRN', 'Bottle Green'],
      ['WHT', 'White'],
      ['BLK', 'Black'],
    ],
  },
  {
    sku: 'LMP-PEND',
    name: 'Enamel Pendant Light',
    price: 7450,
    by: 'Size',
    text: 'A workshop shade on a textile cable of two metres.',
    variants: [
      ['25', '25 cm'],
      ['40', '40 cm', 2800],
    ],
  },
  {
    sku: 'LMP-PAPER',
    name: 'Paper Lantern',
    price: 2650,
    by: 'Size',
    text: 'Mulberry paper on a bamboo spiral; folds flat when you move.',
    variants: [
      ['35', '35 cm'],
      ['50', '50 cm', 900],
      ['70', '70 cm', 2100],
    ],
  },
  {
    sku: 'BULB-LED',
    name: 'Filament LED Bulb, E27',
    price: 790,
    by: 'Variety',
    text: 'A clear bulb with a warm glow that lasts fifteen thousand hours.',
    variants: [
      ['4W', '4 W'],
      ['7W', '7 W', 150],
      ['7WD', '7 W Dimmable', 350],
    ],
  },
  {
    sku: 'CNDL-WAX',
    name: 'Beeswax Pillar Candle',
    price: 1490,
    by: 'Size',
    text: 'Pure wax from the valley’s beekeepers; burns slowly and smells of honey.',
    variants: [
      ['10', '10 cm'],
      ['15', '15 cm', 600],
      ['20', '20 cm', 1200],
    ],
  },
  {
    sku: 'LNTN-STORM',
    name: 'Storm Lantern',
    price: 3990,
    by: 'Finish',
    text: 'Galvanised steel and heat-proof glass for a terrace with weather.',
    variants: [
      ['ZNC', 'Zinc'],
      ['BLK', 'Black', 300],
    ],
  },
  {
    sku: 'LMP-NIGHT',
    name: 'Porcelain Night Light',
    price: 2990,
    by: 'Pattern',
    text: 'Thin porcelain with a picture that only the light shows.',
    variants: [
      ['FOX', 'Fox'],
      ['OWL', 'Owl'],
      ['WHL', 'Whale'],
    ],
  },
];

export const garden: readonly Family[] = [
  {
    sku: 'SEED-VEG',
    name: 'Organic Vegetable Seeds',
    price: 320,
    by: 'Variety',
    text: 'Open-pollinated seed that you can save yourself, enough for ten metres.',
    variants: [
      ['TOM', 'Ox Heart Tomato'],
      ['KAL', 'Black Kale'],
      ['JAL', 'Jalapeño'],
      ['PUM', 'Hokkaido Pumpkin', 40],
    ],
  },
  {
    sku: 'CAN-WATER',
    name: 'Watering Can',
    price: 3650,
    by: 'Size',
    text: 'Galvanised, with a long spout and a brass rose that makes rain.',
    variants: [
      ['5', '5 litres'],
      ['9', '9 litres', 1100],
    ],
  },
  {
    sku: 'TRWL-HAND',
    name: 'Hand Trowel',
    price: 1850,
    by: 'Variety',
    text: 'Forged in one piece and riveted to ash; does not bend in clay.',
    variants: [
      ['WID', 'Wide'],
      ['NAR', 'Narrow'],
    ],
  },
  {
    sku: 'SEC-PRUNE',
    name: 'Bypass Secateurs',
    price: 4250,
    by: 'Size',
    text: 'A clean cut through finger-thick wood; every part can be replaced.',
    variants: [
      ['S', 'Small Hands'],
      ['L', 'Large Hands', 300],
    ],
  },
  {
    sku: 'POT-TERRA',
    name: 'Terracotta Pot',
    price: 950,
    by: 'Size',
    text: 'Frost-proof clay from Impruneta, thrown and not pressed.',
    variants: [
      ['14', '14 cm'],
      ['22', '22 cm', 900],
      ['30', '30 cm', 2400],
    ],
  },
  {
    sku: 'GLV-GARD',
    name: 'Goatskin Garden Gloves',
    price: 2390,
    by: 'Size',
    text: 'Thin enough for seedlings, long enough for roses.',
    variants: [
      ['7', 'Size 7'],
      ['8', 'Size 8'],
      ['10', 'Size 10'],
    ],
  },
  {
    sku: 'HOSE-RUB',
    name: 'Rubber Garden Hose',
    price: 5900,
    by: 'Size',
    text: 'Does not kink, does not mind the sun; brass couplings at both ends.',
    variants: [
      ['15', '15 m'],
      ['25', '25 m', 3100],
    ],
  },
];
