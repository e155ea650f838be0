/** Small parts for drawing charts as SVG. All lengths in px. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const colours = {
  served: '#2f9e6e',
  later: '#8fcfae',
  shed: '#e8a33d',
  failed: '#d6453d',
  median: '#2456a6',
  slowest: '#7fa8dd',
  fault: '#f4e3d7',
  grid: '#e3e6ea',
  ink: '#22303c',
  faint: '#6b7885',
} as const;

export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const round = (value: number): string => String(Math.round(value * 10) / 10);

export const rectangle = ({ x, y, width, height }: Frame, fill: string, more = ''): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(Math.max(0, height))}" fill="${fill}" ${more}/>`;

export const line = (x1: number, y1: number, x2: number, y2: number, stroke: string, more = ''): string =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${stroke}" ${more}/>`;

export const label = (
  x: number,
  y: number,
  text: string,
  { anchor = 'start', size = 11, fill = colours.faint, weight = 400 }: LabelStyle = {},
): string =>
  `<text x="${round(x)}" y="${round(y)}" font-size="${size}" text-anchor="${anchor}" fill="${fill}" font-weight="${weight}">${escape(text)}</text>`;

interface LabelStyle {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly fill?: string;
  readonly weight?: number;
}

/** A line through the points; a gap where one is not a number. */
export function path(points: readonly (readonly [number, number])[], stroke: string, width = 2): string {
  let drawn = '';
  let pen = 'M';
  for (const [x, y] of points) {
    if (Number.isNaN(y)) {
      pen = 'M';
      continue;
    }
    drawn += `${pen}${round(x)} ${round(y)}`;
    pen = 'L';
  }
  return `<path d="${drawn}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round" stroke-linecap="round"/>`;
}
