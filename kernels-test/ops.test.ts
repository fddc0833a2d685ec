// Every kernel on the GPU against its op's float64 definition, forwards and backwards: the case lists of src/kernels/cases.
import { cases } from "../src/kernels/cases/index.ts";
import type { KernelName } from "../src/kernels/index.ts";
import { checkOp } from "./support/check-op.ts";

for (const name of Object.keys(cases) as KernelName[]) checkOp(name, cases[name]);
