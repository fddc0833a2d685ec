// Modules that vite.config.ts makes.

declare module "virtual:viridis" {
  /** The colour map viridis: 256 colours of red, green and blue from 0 to 255. */
  export const VIRIDIS: readonly number[];
}

declare module "virtual:samples" {
  /**
   * Fractal pictures that the shipped networks have not seen, one of each of their categories: `count` grey pictures of `size` by `size` bytes, one after the
   * other, compressed as DEFLATE has it (RFC 1951), at `url`.
   */
  export const SAMPLES: { readonly count: number; readonly size: number; readonly url: string };
}

declare module "virtual:formulas" {
  /** Formulas of ops as MathML, by the op's name. */
  export const FORMULAS: Readonly<Record<string, string>>;
}
