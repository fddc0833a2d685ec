// The twelve pages of the textbook in their order.
import type { NetName } from "./source.ts";

export interface PageEntry {
  /** Its part of the address. */
  readonly name: string;
  /** The small network that it reads. */
  readonly net: NetName;
  /** Whether its numbers are computed in float64 on the host, where there is a device too. */
  readonly onHost: boolean;
}

const page = (name: string, net: NetName, onHost = false): PageEntry => ({ name, net, onHost });

export const PAGES: readonly PageEntry[] = [
  page("convolution", "alexnet"),
  page("sizes", "alexnet"),
  page("gates", "googlenet"),
  page("normalisation", "alexnet"),
  page("inception", "googlenet"),
  page("loss", "alexnet"),
  page("gradient", "alexnet"),
  page("descent", "alexnet"),
  page("starts", "alexnet"),
  page("heads", "googlenet", true),
  page("workgroup", "alexnet"),
  page("auc", "alexnet", true),
];
