// The ops that make the gradient dx of an activation, by what they take along (src/ops/gradient-epilogue.ts).
import type { Node } from "../graph/graph.ts";
import type { Op } from "../graph/op.ts";
import { averagePoolBackward } from "../ops/average-pool.ts";
import { conv2dBackwardData } from "../ops/conv2d.ts";
import { innerProductBackwardData } from "../ops/inner-product.ts";
import { lrnBackward } from "../ops/lrn.ts";
import { maxPoolBackward } from "../ops/max-pool.ts";

const PRODUCTS: readonly Op[] = [conv2dBackwardData, innerProductBackwardData];
const POOLS: readonly Op[] = [maxPoolBackward, averagePoolBackward];

const free = (node: Node, port: string, ops: readonly Op[]): boolean => ops.includes(node.op) && !(port in node.inputs);

/** Could write dx over a sum of gradients, and does not yet. */
export const takesAddend = (node: Node): boolean => free(node, "addend", [...PRODUCTS, ...POOLS]);

/** Could leave out what a ReLU cut off, times a factor or not, and does not yet. */
export const takesGate = (node: Node, scale: number | undefined): boolean =>
  scale === undefined ? free(node, "gate", [...PRODUCTS, ...POOLS, lrnBackward]) : free(node, "gate", [innerProductBackwardData]);
