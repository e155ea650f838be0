import type { ReactNode } from 'react';

/**
 * Pictures of products: shapes by category, whose light and position vary by product. Colours come from the style
 * sheet, so that they follow the light and dark themes.
 */
const drawings: Readonly<Record<string, ReactNode>> = {
  kitchen: (
    <>
      <path className="b" d="M38 62c0-14 9-22 22-22s22 8 22 22l4 28H34z" />
      <path className="c" d="M80 54l16-10 3 5-17 18z" />
      <path className="line" d="M42 44c0-22 36-22 36 0" />
      <circle className="a" cx="60" cy="37" r="5" />
      <path className="a" d="M32 88h56v5H32z" />
    </>
  ),
  'coffee-and-tea': (
    <>
      <path className="b" d="M34 52h46v18c0 13-9 21-23 21s-23-8-23-21z" />
      <path className="line" d="M80 57c16-3 16 20-2 20" />
      <path className="c" d="M26 91h62v5H26z" />
      <path className="thin" d="M48 44c-5-7 5-9 0-17M64 44c-5-7 5-9 0-17" />
    </>
  ),
  textiles: (
    <>
      <rect className="c" x="28" y="72" width="64" height="18" rx="9" />
      <rect className="b" x="28" y="54" width="64" height="18" rx="9" />
      <rect className="a" x="28" y="36" width="64" height="18" rx="9" />
      <path className="thin" d="M40 36v18M48 36v18M72 72v18M80 72v18" />
    </>
  ),
  bath: (
    <>
      <rect className="b" x="46" y="50" width="28" height="44" rx="6" />
      <rect className="c" x="53" y="40" width="14" height="10" rx="2" />
      <path className="line" d="M60 40V29h14" />
      <rect className="a" x="52" y="62" width="16" height="18" rx="2" />
      <circle className="c" cx="88" cy="86" r="8" />
      <circle className="a" cx="34" cy="84" r="10" />
    </>
  ),
  lighting: (
    <>
      <path className="thin" d="M60 14v32" />
      <path className="b" d="M60 42c-20 0-32 16-34 32h68C92 58 80 42 60 42z" />
      <circle className="a" cx="60" cy="76" r="9" />
      <path className="thin" d="M60 92v8M40 88l-5 6M80 88l5 6" />
    </>
  ),
  garden: (
    <>
      <path className="c" d="M42 70h36l-5 26H47z" />
      <rect className="b" x="38" y="64" width="44" height="9" rx="2" />
      <path className="thin" d="M60 64V34" />
      <path
        className="a"
        d="M60 50c-18 2-24-9-23-18 14-1 23 5 23 18zM60 42c0-12 8-20 22-20 2 14-7 21-22 20z"
      />
    </>
  ),
  tools: (
    <>
      <rect className="c" x="55" y="46" width="10" height="52" rx="4" />
      <path className="b" d="M36 28h38c8 0 12 5 14 12l-14 2v6H36z" />
      <rect className="a" x="28" y="26" width="10" height="24" rx="2" />
    </>
  ),
  outdoor: (
    <>
      <circle className="a" cx="86" cy="36" r="10" />
      <path className="b" d="M60 34l38 60H22z" />
      <path className="c" d="M60 52l16 42H44z" />
      <path className="thin" d="M60 34l-5-8M60 34l5-8M14 94h92" />
    </>
  ),
  books: (
    <>
      <rect className="b" x="32" y="34" width="16" height="58" rx="2" />
      <rect className="c" x="50" y="42" width="13" height="50" rx="2" />
      <path className="a" d="M67 40l14-4 14 53-14 4z" />
      <path className="thin" d="M36 44h8M36 50h8M26 93h70" />
    </>
  ),
  stationery: (
    <>
      <rect className="b" x="34" y="30" width="42" height="62" rx="4" />
      <path className="a" d="M42 42h26v4H42zM42 52h26v4H42zM42 62h16v4H42z" />
      <path className="c" d="M88 38l8 5-22 40-10 7 2-12z" />
    </>
  ),
  toys: (
    <>
      <rect className="b" x="30" y="64" width="28" height="28" rx="3" />
      <rect className="c" x="62" y="64" width="28" height="28" rx="3" />
      <path className="a" d="M60 30l17 31H43z" />
      <circle className="a" cx="44" cy="78" r="7" />
    </>
  ),
  audio: (
    <>
      <path className="line" d="M32 72V62c0-38 56-38 56 0v10" />
      <rect className="b" x="25" y="64" width="17" height="30" rx="7" />
      <rect className="b" x="78" y="64" width="17" height="30" rx="7" />
      <rect className="a" x="37" y="69" width="6" height="20" rx="3" />
      <rect className="a" x="77" y="69" width="6" height="20" rx="3" />
    </>
  ),
};

const parcel = (
  <>
    <path className="b" d="M30 48l30-14 30 14v34L60 96 30 82z" />
    <path className="a" d="M30 48l30 13 30-13-30-14z" />
    <path className="thin" d="M60 61v34" />
  </>
);

const scenes: readonly ReactNode[] = [
  <circle key="sun" className="ground" cx="60" cy="62" r="44" />,
  <path key="hill" className="ground" d="M0 92c30-16 80-14 120-4v32H0z" />,
  <rect key="arch" className="ground" x="22" y="18" width="76" height="120" rx="38" />,
  <path key="slope" className="ground" d="M0 120V70L120 40v80z" />,
];

/** It adds no information to the product's name beside it: hidden from screen readers. */
export function Picture({
  category,
  seed = category,
}: {
  readonly category: string;
  readonly seed?: string;
}) {
  const number = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  return (
    <svg
      className={`picture tone-${category in drawings ? category : 'other'} shade-${(number >>> 4) % 3}`}
      viewBox="0 0 120 120"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
      focusable="false"
    >
      {scenes[number % scenes.length]}
      {drawings[category] ?? parcel}
    </svg>
  );
}
