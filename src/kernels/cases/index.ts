// The cases of every kernel, by op. The type demands some for each: a kernel that nothing runs does not compile.
import type { ops } from "../../ops/index.ts";
import type { KernelName } from "../index.ts";
import type { Cases } from "./case.ts";
import * as elements from "./elements.ts";
import * as images from "./images.ts";
import * as layout from "./layout.ts";
import * as norms from "./norms.ts";
import * as products from "./products.ts";
import * as rows from "./rows.ts";
import * as windows from "./windows.ts";

export const cases: { readonly [N in KernelName]: Cases<(typeof ops)[N]> } = {
  ...elements,
  ...images,
  ...layout,
  ...norms,
  ...products,
  ...rows,
  ...windows,
};
