import type { Family } from './family';

export const kitchen: readonly Family[] = [
  {
    sku: 'KET-ENAMEL',
    name: 'Enamel Kettle',
    price: 3490,
    by: 'Colour',
    text: 'A stovetop kettle of enamelled steel that holds 1.8 litres, with a beech handle that stays cool.',
    variants: [
      ['RED', 'Poppy Red'],
      ['CRM', 'Cream'],
      ['BLU', 'Harbour Blue'],
    ],
  },
  {
    sku: 'KET-GOOSE',
    name: 'Gooseneck Kettle',
    price: 5990,
    by: 'Finish',
    text: 'An electric kettle with a slow, exact pour and a thermostat in one-degree steps.',
    variants: [
      ['STL', 'Brushed Steel'],
      ['BLK', 'Matt Black', 500],
    ],
  },
  {
    sku: 'PAN-IRON',
    name: 'Cast Iron Skillet',
    price: 4200,
    by: 'Size',
    text: 'Seasoned at the foundry with linseed oil; better every year, on gas, induction or embers.',
    variants: [
      ['20', '20 cm'],
      ['26', '26 cm', 1300],
      ['30', '30 cm', 2600],
    ],
  },
  {
    sku: 'KNF-CHEF',
    name: 'Chef’s Knife',
    price: 7800,
    by: 'Wood',
    text: 'A 21 cm blade of carbon steel, hand ground, with a handle you can sand and oil again.',
    variants: [
      ['OAK', 'Smoked Oak'],
      ['WAL', 'Walnut', 900],
    ],
  },
  {
    sku: 'BOWL-MIX',
    name: 'Mixing Bowl',
    price: 1890,
    by: 'Size',
    text: 'Stoneware with a spout and a flat side, so that it stands tilted while you whisk.',
    variants: [
      ['S', 'Small'],
      ['M', 'Medium', 600],
      ['L', 'Large', 1300],
    ],
  },
  {
    sku: 'BOARD-CUT',
    name: 'Cutting Board',
    price: 3150,
    by: 'Wood',
    text: 'End grain that is kind to knives, with a groove that keeps juice off the table.',
    variants: [
      ['BEE', 'Beech'],
      ['OLV', 'Olive', 1450],
      ['ACA', 'Acacia', 700],
    ],
  },
  {
    sku: 'TIN-LOAF',
    name: 'Loaf Tin',
    price: 1690,
    by: 'Size',
    text: 'Blued steel for a crust that crackles; rises evenly and releases without paper.',
    variants: [
      ['500', '500 g'],
      ['1K', '1 kg', 500],
    ],
  },
];

export const coffeeAndTea: readonly Family[] = [
  {
    sku: 'COF-BEAN',
    name: 'Whole Bean Coffee, 500 g',
    price: 1390,
    by: 'Blend',
    text: 'Roasted in small drums on Tuesdays, packed the same evening.',
    variants: [
      ['HOUSE', 'House Espresso'],
      ['YIRGA', 'Yirgacheffe', 350],
      ['DECAF', 'Mountain Water Decaf', 200],
      ['HUILA', 'Huila Supremo', 250],
    ],
  },
  {
    sku: 'TEA-LOOSE',
    name: 'Loose Leaf Tea, 100 g',
    price: 890,
    by: 'Blend',
    text: 'Whole leaves from one garden, in a tin that closes tight.',
    variants: [
      ['ASSAM', 'Assam Breakfast'],
      ['SENCHA', 'Sencha', 310],
      ['EARL', 'Earl Grey', 90],
      ['ROOI', 'Rooibos Vanilla', 40],
    ],
  },
  {
    sku: 'CUP-CREME',
    name: 'Café Crème Cup',
    price: 1450,
    by: 'Colour',
    text: 'A thick porcelain cup that keeps its warmth, with a saucer deep enough for a biscuit.',
    variants: [
      ['WHT', 'White'],
      ['SAG', 'Sage'],
      ['INK', 'Ink'],
    ],
  },
  {
    sku: 'POT-TEA',
    name: 'Teapot with Strainer',
    price: 3890,
    by: 'Size',
    text: 'Glazed stoneware with a steel strainer that lifts out when the tea is right.',
    variants: [
      ['06', '0.6 litres'],
      ['12', '1.2 litres', 900],
    ],
  },
  {
    sku: 'GRND-HAND',
    name: 'Hand Coffee Grinder',
    price: 6900,
    by: 'Finish',
    text: 'Conical burrs on two bearings: forty clicks from espresso to French press.',
    variants: [
      ['STL', 'Steel'],
      ['COP', 'Copper', 1200],
    ],
  },
  {
    sku: 'DRIP-POUR',
    name: 'Pour-Over Dripper',
    price: 2450,
    by: 'Size',
    text: 'Ceramic with spiral ribs that let the water find its way without hurry.',
    variants: [
      ['1', 'One Cup'],
      ['4', 'Four Cups', 600],
    ],
  },
  {
    sku: 'WHISK-MATCHA',
    name: 'Bamboo Matcha Whisk',
    price: 1590,
    by: 'Variety',
    text: 'Cut from one piece of bamboo; makes a froth that stands.',
    variants: [
      ['80', '80 Prongs'],
      ['100', '100 Prongs', 300],
    ],
  },
];

export const textiles: readonly Family[] = [
  {
    sku: 'TWL-LINEN',
    name: 'Linen Tea Towel',
    price: 1290,
    by: 'Pattern',
    text: 'Half-linen that dries glass without lint and softens with every wash.',
    variants: [
      ['STR', 'Blue Stripe'],
      ['CHK', 'Red Check'],
      ['HRB', 'Herringbone', 200],
    ],
  },
  {
    sku: 'BLNK-WOOL',
    name: 'Wool Blanket',
    price: 11900,
    by: 'Colour',
    text: 'Lambswool woven in a mill that has done nothing else since 1907; 140 by 200 cm.',
    variants: [
      ['MOS', 'Moss'],
      ['FOG', 'Fog'],
      ['RST', 'Rust'],
    ],
  },
  {
    sku: 'CUSH-VELV',
    name: 'Velvet Cushion',
    price: 3900,
    by: 'Colour',
    text: 'Cotton velvet with a feather filling and a zip that hides itself.',
    variants: [
      ['OCH', 'Ochre'],
      ['PET', 'Petrol'],
      ['PLM', 'Plum'],
    ],
  },
  {
    sku: 'SHEET-PERC',
    name: 'Percale Fitted Sheet',
    price: 4590,
    by: 'Size',
    text: 'Crisp long-staple cotton with an elastic all around, for mattresses up to 28 cm.',
    variants: [
      ['90', '90 × 200'],
      ['140', '140 × 200', 900],
      ['180', '180 × 200', 1800],
    ],
  },
  {
    sku: 'RUG-JUTE',
    name: 'Braided Jute Rug',
    price: 6400,
    by: 'Size',
    text: 'Braided by hand and sewn in a spiral; lies flat after a night.',
    variants: [
      ['90', '90 cm'],
      ['150', '150 cm', 5500],
    ],
  },
  {
    sku: 'APRON-CAN',
    name: 'Canvas Apron',
    price: 3450,
    by: 'Colour',
    text: 'Heavy cotton with crossed straps that spare the neck and a pocket for a pencil.',
    variants: [
      ['NVY', 'Navy'],
      ['OLV', 'Olive'],
      ['NAT', 'Natural'],
    ],
  },
];
