// Where `npm run build` writes the page. The npm package does not have it: it would be twice as large.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Sources and bundles lie equally deep below the root. */
export const BUILT_PAGE = fileURLToPath(new URL("../../dist/web", import.meta.url));

/** Throws where a folder has no built page, with what to do. */
export function expectBuiltPage(folder: string): void {
  if (existsSync(`${folder}/index.html`)) return;
  throw new Error(
    `${folder} has no built page. The npm package comes without it (15 MB, more than all the rest): in a checkout run \`npm ci && npm run build\`, ` +
      "which writes dist/web. There `npx striatum view DIR` finds it; elsewhere name its folder with --page",
  );
}
