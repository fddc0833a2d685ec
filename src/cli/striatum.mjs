#!/usr/bin/env node
// @ts-check
// Starts the command line: from its sources where they lie beside this file (a checkout), else from dist/ (an installed package).
import { existsSync } from "node:fs";

// What the environment adds comes later, and holds.
process.env.STRIATUM_DAWN = `quiet,${process.env.STRIATUM_DAWN ?? ""}`;

if (existsSync(new URL("main.ts", import.meta.url))) {
  const { register } = await import("tsx/esm/api");
  register();
  await import("./main.ts");
} else {
  await import(new URL("../../dist/node/cli.mjs", import.meta.url).href);
}
