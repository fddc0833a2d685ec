// What a point of the head is made of while it is being composed: later layers cover earlier ones by their weight.

export interface Tissue {
  hu: number;
  /** Share of grey matter: edema darkens it less. */
  grey: number;
  /** Share of cerebrospinal fluid: edema does not darken it. */
  fluid: number;
}

export const emptyTissue = (): Tissue => ({ hu: 0, grey: 0, fluid: 0 });

/** A point on a row of a slice, in head coordinates (mm), and between which nodes of the lattice it lies. */
export interface Spot {
  x: number;
  y: number;
  z: number;
  /** Distance outside the inner table; negative in the brain. */
  outMm: number;
  /** Where the node before the point starts in the row's channels. */
  west: number;
  /** Share of the node after it. */
  across: number;
}

/** Where in the head a point lies, in head coordinates after displacement and warp (mm), with the slow noise that varies it. */
export interface Place {
  x: number;
  y: number;
  z: number;
  /** Below the inner table. */
  depthMm: number;
  /** See SkullPlace. */
  stretch: number;
  /** Three independent slow fields of unit variance. */
  slow: number;
  slower: number;
  sway: number;
  /** Distance to the lateral ventricle, coarse. */
  ventricleMm: number;
}

export function layWhite(tissue: Tissue, hu: number, weight: number): void {
  tissue.hu += (hu - tissue.hu) * weight;
  tissue.grey -= tissue.grey * weight;
  tissue.fluid -= tissue.fluid * weight;
}

export function layGrey(tissue: Tissue, hu: number, weight: number): void {
  tissue.hu += (hu - tissue.hu) * weight;
  tissue.grey += (1 - tissue.grey) * weight;
  tissue.fluid -= tissue.fluid * weight;
}

export function layFluid(tissue: Tissue, hu: number, weight: number): void {
  tissue.hu += (hu - tissue.hu) * weight;
  tissue.grey -= tissue.grey * weight;
  tissue.fluid += (1 - tissue.fluid) * weight;
}
