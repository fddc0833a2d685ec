// Lists of passes as people write them.
import { expect, test } from "vitest";
import { PASSES } from "../passes/index.ts";
import { passesNamed } from "./options.ts";

const [first, ...others] = PASSES;

test.each([
  ["all", PASSES],
  ["none", []],
  [first, [first]],
  [`none, ${first}`, [first]],
  [`-${first}`, others],
  [`all,-${first}`, others],
  [[...PASSES].reverse().join(","), PASSES],
])("--passes %s", (list, wanted) => expect(passesNamed(list)).toEqual(wanted));

test.each(["relu", "-relu", `${first},`, ""])("--passes %j names what there is", (list) =>
  expect(() => passesNamed(list)).toThrow(new RegExp(`there is no pass .*${PASSES.join(", ")}`)),
);
