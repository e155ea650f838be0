/** Code for the SKU, label for the name, and surcharge on the family's price (minor units). */
export type Variant = readonly [code: string, label: string, extra?: number];

/** Products that differ in one respect only. */
export interface Family {
  /** Prefix of the SKU. */
  readonly sku: string;
  readonly name: string;
  /** Minor units of EUR. */
  readonly price: number;
  readonly text: string;
  /** The property in which the variants differ. */
  readonly by:
    'Colour' | 'Size' | 'Scent' | 'Blend' | 'Edition' | 'Pattern' | 'Wood' | 'Finish' | 'Variety' | 'Format';
  readonly variants: readonly Variant[];
}
