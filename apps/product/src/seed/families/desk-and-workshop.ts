import type { Family } from './family';

export const tools: readonly Family[] = [
  {
    sku: 'HAM-CLAW',
    name: 'Claw Hammer',
    price: 2950,
    by: 'Wood',
    text: 'A drop-forged head of 560 g on a handle shaped for a whole day.',
    variants: [
      ['HIC', 'Hickory'],
      ['ASH', 'Ash', -250],
    ],
  },
  {
    sku: 'SCR-SET',
    name: 'Screwdriver Set',
    price: 3290,
    by: 'Variety',
    text: 'Six drivers with tips hard enough for old screws, in a canvas roll.',
    variants: [
      ['SLT', 'Slotted and Cross'],
      ['TRX', 'Torx'],
      ['VDE', 'Insulated', 1600],
    ],
  },
  {
    sku: 'SAW-PULL',
    name: 'Japanese Pull Saw',
    price: 3890,
    by: 'Variety',
    text: 'Cuts on the pull with a kerf of half a millimetre; the blade can be changed.',
    variants: [
      ['RYO', 'Ryoba'],
      ['DOZ', 'Dozuki', 500],
      ['KAT', 'Kataba', 200],
    ],
  },
  {
    sku: 'CHSL-BEV',
    name: 'Bevel-Edge Chisel',
    price: 2150,
    by: 'Size',
    text: 'Takes an edge that shaves end grain, and keeps it.',
    variants: [
      ['06', '6 mm'],
      ['12', '12 mm', 150],
      ['25', '25 mm', 450],
    ],
  },
  {
    sku: 'MEAS-TAPE',
    name: 'Tape Measure',
    price: 1350,
    by: 'Size',
    text: 'A steel tape with a hook that measures true inside and out.',
    variants: [
      ['3', '3 m'],
      ['8', '8 m', 700],
    ],
  },
  {
    sku: 'OIL-WOOD',
    name: 'Hard Wax Oil',
    price: 2490,
    by: 'Variety',
    text: 'Linseed and carnauba for tables, toys and handles; food safe when dry.',
    variants: [
      ['CLR', 'Clear'],
      ['WHT', 'White'],
      ['SMK', 'Smoke'],
    ],
  },
  {
    sku: 'BOX-TOOL',
    name: 'Folded Steel Toolbox',
    price: 5450,
    by: 'Colour',
    text: 'Pressed from one sheet, with a tray that lifts out; a lifetime, twice.',
    variants: [
      ['BLU', 'Signal Blue'],
      ['GRY', 'Machine Grey'],
    ],
  },
];

export const books: readonly Family[] = [
  {
    sku: 'BK-BREAD',
    name: 'The Patient Loaf',
    price: 2900,
    by: 'Format',
    text: 'Forty breads and one sourdough, explained by a baker who gets up late.',
    variants: [
      ['HC', 'Hardcover'],
      ['PB', 'Paperback', -1000],
    ],
  },
  {
    sku: 'BK-BIRDS',
    name: 'Birds from the Kitchen Window',
    price: 2400,
    by: 'Format',
    text: 'A year of sixty common birds, in watercolours and short observations.',
    variants: [
      ['HC', 'Hardcover'],
      ['PB', 'Paperback', -800],
    ],
  },
  {
    sku: 'BK-BRIDGE',
    name: 'How Bridges Stand',
    price: 3200,
    by: 'Format',
    text: 'Statics for the curious, with models you can cut from a cereal box.',
    variants: [
      ['HC', 'Hardcover'],
      ['PB', 'Paperback', -1100],
    ],
  },
  {
    sku: 'BK-HARBOUR',
    name: 'The Harbour Master’s Daughter',
    price: 2200,
    by: 'Format',
    text: 'A novel of three winters, one ferry and a letter that arrives too early.',
    variants: [
      ['HC', 'Hardcover'],
      ['PB', 'Paperback', -900],
      ['LP', 'Large Print', 300],
    ],
  },
  {
    sku: 'BK-STARS',
    name: 'Forty Nights of Stars',
    price: 1900,
    by: 'Edition',
    text: 'A pocket guide for the naked eye, with a chart for every month.',
    variants: [
      ['N', 'Northern Sky'],
      ['S', 'Southern Sky'],
    ],
  },
  {
    sku: 'BK-GARDEN',
    name: 'A Garden of One Square Metre',
    price: 1750,
    by: 'Format',
    text: 'What grows on a balcony, when, and what it is like to eat it.',
    variants: [
      ['HC', 'Hardcover', 700],
      ['PB', 'Paperback'],
    ],
  },
  {
    sku: 'BK-REPAIR',
    name: 'The Mending Book',
    price: 2600,
    by: 'Edition',
    text: 'Zips, chairs, toasters, china: a hundred repairs with drawings.',
    variants: [
      ['1', 'Household'],
      ['2', 'Bicycle and Outdoors'],
      ['3', 'Clothes'],
    ],
  },
  {
    sku: 'BK-TALES',
    name: 'Tales for Eight Evenings',
    price: 1690,
    by: 'Format',
    text: 'Read-aloud stories with a fox who is wrong about almost everything.',
    variants: [
      ['HC', 'Hardcover'],
      ['BB', 'Board Book', -300],
    ],
  },
];

export const stationery: readonly Family[] = [
  {
    sku: 'NTBK-A5',
    name: 'Thread-Bound Notebook A5',
    price: 1490,
    by: 'Pattern',
    text: 'A hundred and sixty pages that lie flat and take a fountain pen.',
    variants: [
      ['DOT', 'Dotted'],
      ['LIN', 'Lined'],
      ['BLA', 'Blank'],
    ],
  },
  {
    sku: 'PEN-FTN',
    name: 'Piston Fountain Pen',
    price: 8900,
    by: 'Variety',
    text: 'A steel nib that does not scratch, and ink enough for a novella.',
    variants: [
      ['F', 'Fine Nib'],
      ['M', 'Medium Nib'],
      ['B', 'Broad Nib'],
    ],
  },
  {
    sku: 'INK-50',
    name: 'Fountain Pen Ink, 50 ml',
    price: 1190,
    by: 'Colour',
    text: 'Flows well, dries soon, washes out of shirts.',
    variants: [
      ['BLK', 'Lamp Black'],
      ['BLU', 'Royal Blue'],
      ['GRN', 'Moss Green'],
    ],
  },
  {
    sku: 'PCL-CEDAR',
    name: 'Cedar Pencils, Box of 12',
    price: 1590,
    by: 'Variety',
    text: 'Smooth graphite in cedar that smells like school should have.',
    variants: [
      ['HB', 'HB'],
      ['2B', '2B'],
      ['MIX', 'Sketching Mix', 300],
    ],
  },
  {
    sku: 'CARD-LETT',
    name: 'Letterpress Cards, Set of 6',
    price: 1650,
    by: 'Pattern',
    text: 'Printed on cotton paper with a press older than the printer.',
    variants: [
      ['THX', 'Thank You'],
      ['BDY', 'Birthday'],
      ['BOT', 'Botanical'],
    ],
  },
  {
    sku: 'SCIS-DESK',
    name: 'Desk Scissors',
    price: 2790,
    by: 'Finish',
    text: 'Ground in Solingen; cut paper to the very tip.',
    variants: [
      ['STL', 'Steel'],
      ['BRS', 'Brass', 800],
    ],
  },
  {
    sku: 'CAL-WALL',
    name: 'Wall Calendar',
    price: 2200,
    by: 'Pattern',
    text: 'Twelve linocuts on heavy paper, with room to write.',
    variants: [
      ['BRD', 'Birds'],
      ['MTN', 'Mountains'],
    ],
  },
];
