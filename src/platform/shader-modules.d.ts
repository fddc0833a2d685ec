// The modules that carry shader texts in a bundle; vite.config.ts makes them.

declare module "virtual:shaders/scoring" {
  /** Texts of the files that scoring links by default, by name. */
  export const SHADERS: Readonly<Record<string, string>>;
}

declare module "virtual:shaders/others" {
  /** Texts of all other files of shaders/, by name. */
  export const SHADERS: Readonly<Record<string, string>>;
}
