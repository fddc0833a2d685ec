// The arithmetic of the ops of AlexNet and GoogLeNet, by name.
import type { Arithmetic } from "./cut.ts";
import * as elements from "./elements.ts";
import * as pools from "./pools.ts";
import * as products from "./products.ts";

export const ARITHMETIC: Readonly<Record<string, Arithmetic>> = { ...products, ...pools, ...elements };
