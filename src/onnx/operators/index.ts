// Operators that become ops, by name.
import type { Operator } from "../replay.ts";
import { ELEMENTS } from "./elements.ts";
import { POOLING } from "./pooling.ts";
import { PRODUCTS } from "./products.ts";
import { ROWS } from "./rows.ts";
import { SHAPES } from "./shapes.ts";

export const OPERATORS: Readonly<Record<string, Operator>> = { ...ELEMENTS, ...POOLING, ...PRODUCTS, ...ROWS, ...SHAPES };
