import { expect, test } from "vitest";
import { dawnFlags } from "./dawn.ts";

test("the profiles are named, and safe is the default", () => {
  expect(dawnFlags({})).toEqual({ profile: "safe", flags: ["disable-dawn-features=timestamp_quantization"], quiet: false });
  expect(dawnFlags({ toggles: "fast" }).flags).toEqual([
    "enable-dawn-features=disable_robustness,skip_validation",
    "disable-dawn-features=timestamp_quantization",
  ]);
});

test("the environment adds to the profile, and holds where it differs", () => {
  const { profile, flags } = dawnFlags(
    { adapter: "llvmpipe" },
    " fast, -skip_validation,timestamp_quantization,adapter=H100,backend=vulkan",
  );
  expect(profile).toBe("fast");
  expect(flags).toEqual([
    "backend=vulkan",
    "adapter=H100",
    "enable-dawn-features=disable_robustness,timestamp_quantization",
    "disable-dawn-features=skip_validation",
  ]);
});

test.each([
  ["quiet", true],
  ["quiet,fast,-quiet", false],
  ["-quiet,quiet", true],
])("%s: the last word on Dawn's warnings holds, and is no flag of Dawn's", (extra, quiet) => {
  const start = dawnFlags({}, extra);
  expect(start.quiet).toBe(quiet);
  expect(start.flags.join()).not.toContain("quiet");
});

test.each(["skip_validaton", "backend=cuda", "--fast"])(
  "%s, which Dawn would ignore in silence, is an error with the names there are",
  (word) => {
    expect(() => dawnFlags({}, word)).toThrow(/is not known.*skip_validation/);
  },
);
