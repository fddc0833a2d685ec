// Kernels by themselves: which workgroup stores which element, for every kernel of both networks, and edited kernels against the definition.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alexnet, googlenet, openDevice, type Device, type KernelFamily } from "../../src/index.ts";
import {
  kernelOwners,
  microscope,
  tryKernel,
  type KernelTrial,
  type LaunchInfo,
  type LaunchSetup,
  type Microscope,
} from "../../src/inspect.ts";
import { networks } from "../../src/models/index.ts";
import { philox } from "../../src/tensor/philox.ts";
import { openTrainer, type Trainer } from "../../src/trainer.ts";
import { smallWeights } from "../support/small-weights.ts";

const LABELS = ["none", "left", "right"];
const samples = Array.from({ length: 4 }, (_, i) => ({
  image: { shape: [3, 70, 90], data: Uint8Array.from({ length: 3 * 70 * 90 }, (_, at) => philox([i, 0], [at, 0, 0, 0])[0] & 255) },
  label: LABELS[i % 3],
}));
const nets = { alexnet, googlenet };

const learning = (device: Device, name: keyof typeof nets): Promise<Trainer> =>
  openTrainer(device, nets[name]({ classes: 3, width: 1 / 8, size: 64 }), { samples, labels: LABELS, batch: 2 });

/**
 * Layers of which a launch makes a part by design: where the three 1 x 1 convolutions of an inception module are launched in turn, the second and the third each
 * make their channels of the values that they share.
 */
const inParts = ({ op }: LaunchInfo, value: string): boolean => op === "inception" && value.includes("_reduce+");

/** Every launch's maps, of which each must be whole and each element stored once; the values of layers in parts must be whole together. */
async function expectOwned(scope: Microscope): Promise<{ launches: number; parts: number }> {
  const { launches } = scope.plan();
  const together = new Map<string, Uint8Array>();
  let parts = 0;
  for (const launch of launches) {
    const { maps, beyond, strays } = await scope.owners(launch.id);
    const what = `${launch.id} ${launch.kernel.name}`;
    expect({ beyond, strays }, what).toEqual({ beyond: 0, strays: 0 });
    expect(maps.length, what).toBeGreaterThan(0);
    const [x, y, z] = launch.workgroups;
    for (const { value, shape, owners, none, shared, again } of maps) {
      expect({ shared, again }, `${what} ${value}`).toEqual({ shared: 0, again: 0 });
      expect(owners, what).toHaveLength(shape.reduce((size, extent) => size * extent, 1));
      expect(
        owners.every((owner) => owner === 0xffffffff || owner < x * y * z),
        what,
      ).toBe(true);
      if (value !== null && none > 0 && inParts(launch, value)) {
        parts++;
        const seen = together.get(value) ?? new Uint8Array(owners.length);
        together.set(value, seen);
        owners.forEach((owner, i) => (seen[i] += owner === 0xffffffff ? 0 : 1));
      } else expect(none, `${what} ${value}`).toBe(0);
    }
  }
  for (const [value, seen] of together)
    expect(
      seen.every((times) => times === 1),
      value,
    ).toBe(true);
  return { launches: launches.length, parts };
}

describe("every element of every output is stored once, by one workgroup", () => {
  test.for([
    ["alexnet", undefined],
    ["googlenet", undefined],
    ["alexnet", "textbook"],
    ["googlenet", "textbook"],
    ["alexnet", "subgroup"],
    ["googlenet", "subgroup"],
    ["googlenet", "quad"],
    ["alexnet", "workgroup"],
    ["googlenet", "workgroup"],
    ["googlenet", "winograd"],
  ] as const satisfies readonly (readonly [keyof typeof nets, KernelFamily | undefined])[])("%s, %s", async ([name, kernels]) => {
    await using device = await openDevice(kernels ? { kernels } : {});
    const net = await nets[name].load(device, smallWeights(networks[name], 3));
    const scoring = microscope(net);
    expect((await expectOwned(scoring)).launches).toBeGreaterThan(10);
    net.dispose();
    using trainer = await learning(device, name);
    using scope = microscope(trainer);
    const { launches, parts } = await expectOwned(scope);
    expect(launches).toBeGreaterThan(30);
    // Nine modules, two branches each, unless the three branches are one launch.
    expect(parts).toBe(name === "googlenet" && kernels !== undefined && kernels !== "subgroup" ? 18 : 0);
  });
});

/** Text with a piece exchanged that must be there once. */
function edited(text: string, ...pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((before, [from, to]) => {
    expect(before.split(from), from).toHaveLength(2);
    return before.replace(from, () => to);
  }, text);
}

describe("an edited kernel", () => {
  let device: Device;
  let trials: Device;
  let scope: Microscope;
  let launch: string;
  let setup: LaunchSetup;
  let text: string;
  const LAST = `  let at = pixel * dims.yStride + dims.yFirst + output;
  if (dims.accumulate == 1) { sum += y[at]; }
  y[at] = rectified(sum);`;
  const INNER = `      for (var c = 0u; c < dims.channels; c++) {
        sum += x[xAt + c] * filters[filterAt + c * dims.outputs];
      }`;

  beforeAll(async () => {
    device = await openDevice({ kernels: "textbook", timestamps: true });
    trials = await openDevice({ timestamps: true });
    scope = microscope(await alexnet.load(device, smallWeights(networks["alexnet"], 3)));
    launch = scope.plan().launches.find(({ layer, op }) => layer === "conv2" && op === "conv2d")?.id ?? "";
    setup = structuredClone((await scope.setup(launch)) as LaunchSetup);
    text = setup.kernel.wgsl;
  });
  afterAll(async () => {
    await device.dispose();
    await trials.dispose();
  });

  const run = (wgsl: string, workgroups?: readonly [number, number, number]): Promise<KernelTrial> =>
    tryKernel(trials, setup, { wgsl, repeats: 3, ...(workgroups && { workgroups }) });

  /** Biases by way of workgroup memory: an invocation lays down its mirror image's. */
  const throughWorkgroup = (barrier: string): string =>
    edited(
      text,
      ["const WORKGROUP", "var<workgroup> biases: array<f32, 64>;\nconst WORKGROUP"],
      [
        "  let output = i % (dims.groups * dims.outputs);",
        `  let lane = i % 64;
  biases[63 - lane] = biasOf((i - lane + 63 - lane) % (dims.groups * dims.outputs));
  ${barrier}
  let output = i % (dims.groups * dims.outputs);`,
      ],
      ["var sum = biasOf(output);", "var sum = biases[lane];"],
    );

  describe("that is right is found right, and timed beside the launch's own", () => {
    test.for<[string, () => string, (own: readonly [number, number, number]) => readonly [number, number, number]]>([
      [
        "other names and comments",
        () =>
          edited(
            text,
            [LAST, LAST.replaceAll("sum", "total")],
            ["var sum = biasOf(output);", "var total = biasOf(output); // renamed"],
            ["sum += x", "total += x"],
          ),
        (own) => own,
      ],
      [
        "taps in another order",
        () =>
          edited(
            text,
            ["for (var r = 0u; r < dims.kh; r++)", "for (var rr = dims.kh; rr > 0u; rr--)"],
            ["let iy = oy", "let r = rr - 1u;\n      let iy = oy"],
          ),
        (own) => own,
      ],
      [
        "four channels at once",
        () =>
          edited(text, [
            INNER,
            `      var part = vec4f();
      var c = 0u;
      for (; c + 4 <= dims.channels; c += 4) {
        let f = filterAt + c * dims.outputs;
        part += vec4f(x[xAt + c], x[xAt + c + 1], x[xAt + c + 2], x[xAt + c + 3]) * vec4f(filters[f], filters[f + dims.outputs], filters[f + 2 * dims.outputs], filters[f + 3 * dims.outputs]);
      }
      sum += dot(part, vec4f(1));
      while (c < dims.channels) { sum += x[xAt + c] * filters[filterAt + c * dims.outputs]; c++; }`,
          ]),
        (own) => own,
      ],
      [
        "two outputs an invocation, half the workgroups",
        () =>
          edited(
            text.replace(
              "@compute @workgroup_size(WORKGROUP)\nfn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {\n  let i = invocation.y * workgroups.x * WORKGROUP + invocation.x;",
              "fn one(i: u32) {",
            ),
            [
              LAST,
              `${LAST}\n}\n@compute @workgroup_size(WORKGROUP)\nfn main(@builtin(global_invocation_id) invocation: vec3u) { for (var k = 0u; k < 2; k++) { one(2 * invocation.x + k); }`,
            ],
          ),
        ([x]) => [Math.ceil(x / 2), 1, 1],
      ],
      ["biases by way of workgroup memory", () => throughWorkgroup("workgroupBarrier();"), (own) => own],
    ])("%s", async ([, wgsl, workgroups]) => {
      const trial = await run(wgsl(), workgroups(setup.workgroups));
      expect(trial.messages.filter(({ severity }) => severity === "error")).toEqual([]);
      expect(trial.faults).toEqual([]);
      expect(trial.right).toBe(true);
      expect(trial.verdict?.worst.ratio).toBeLessThanOrEqual(1);
      expect(trial.verdict?.outputs[0].ratios).toHaveLength(trial.verdict?.elements ?? 0);
      expect(trial.times?.milliseconds).toBeGreaterThan(0);
      expect(trial.times?.original).toBeGreaterThan(0);
    });
  });

  describe("that is wrong is found wrong, and where", () => {
    test.for<[string, () => string, string | RegExp, ((trial: KernelTrial) => void)?]>([
      [
        "a border that is read one column too far",
        () => edited(text, ["ix >= dims.width", "ix > dims.width"]),
        /elements are wrong/,
        ({ verdict }) => {
          // Where windows lie inside the image, all is right.
          expect(verdict?.wrong).toBeLessThan(verdict?.elements ?? 0);
          expect(verdict?.outputs[0].ratios.filter((ratio) => ratio > 1)).toHaveLength(verdict?.wrong ?? 0);
        },
      ],
      ["no bias", () => edited(text, ["var sum = biasOf(output);", "var sum = 0.0;"]), /elements are wrong/],
      ["no barrier", () => throughWorkgroup(""), /elements are wrong|differ between two runs/],
      [
        "the stride of rows for that of columns",
        () => edited(text, ["* dims.height + iy) * dims.width + ix)", "* dims.height + ix) * dims.width + iy)"]),
        /elements are wrong/,
      ],
      [
        "sums on top of what lies there",
        () => edited(text, ["var sum = biasOf(output);", "var sum = biasOf(output) + y[pixel * dims.yStride + dims.yFirst + output];"]),
        /elements are wrong/,
      ],
      [
        "a read beyond the end whose value is dropped",
        () => edited(text, ["sum += x[xAt + c]", "sum += select(x[xAt + c], x[xAt + c + 1000000], c > 1000000) * 0.0 + x[xAt + c]"]),
        /accesses x beyond its end, \d+ times/,
      ],
      ["an output left out", () => edited(text, [LAST, `if (output != 3) { ${LAST} }`]), /elements are never stored/],
      [
        "a loop that does not end",
        () => edited(text, ["c < dims.channels; c++", "c < dims.channels; c += 0"]),
        "A loop does not end.",
        ({ endless, verdict }) => {
          expect(endless).toBe(true);
          expect(verdict).toBeNull();
        },
      ],
      [
        "a barrier in a loop that does not end",
        () => edited(text, ["  let output = i %", "  for (var k = 1u; k > 0; k = 1) { workgroupBarrier(); }\n  let output = i %"]),
        "A loop does not end.",
      ],
    ])("%s", async ([, wgsl, fault, more]) => {
      const trial = await run(wgsl());
      expect(trial.messages.filter(({ severity }) => severity === "error")).toEqual([]);
      expect(trial.right).toBe(false);
      expect(trial.faults.join(" ")).toMatch(fault);
      more?.(trial);
    });
  });

  test("the worst element is named by its position, with what was found and what is exact", async () => {
    const { verdict } = await run(
      edited(text, [LAST, LAST.replace("rectified(sum);", "rectified(sum) + select(0.0, 1.0, output == 3 && oy == 1 && ox == 0);")]),
    );
    expect(verdict?.wrong).toBe(1);
    expect(verdict?.worst.position).toEqual([0, 1, 0, 3]);
    expect(Math.abs((verdict?.worst.error ?? 0) - 1)).toBeLessThan(1e-4);
    expect(Math.abs((verdict?.worst.found ?? 0) - (verdict?.worst.exact ?? 0))).toBe(verdict?.worst.error);
  });

  test("that does not compile is answered with line and column, here and in the shader's file", async () => {
    const line = text.split("\n").findIndex((each) => each.includes("var sum = biasOf(output);"));
    const trial = await run(`// A new line.\n${edited(text, ["sum += x[xAt + c]", "sum += x[xAt + missing]"])}`);
    expect(trial).toMatchObject({ right: false, faults: ["It does not compile."], verdict: null, times: null });
    const [{ severity, message, line: at, column, origin }] = trial.messages;
    expect(severity).toBe("error");
    expect(message).toContain("missing");
    expect(text.split("\n")[at - 2]).toContain("sum += x[xAt + c]");
    expect(column).toBeGreaterThan(10);
    expect(origin).toBeNull();
    // A message on a line that was left alone leads to the shader's file.
    const unused = await run(edited(text, ["  let ox = pixel % dims.ow;\n", ""]));
    expect(unused.messages[0].origin?.file).toBe("conv2d.wgsl");
    expect(unused.messages[0].origin?.line).toBeGreaterThan(line);
    // Wrong bindings have no line.
    const bindings = await run(edited(text, ["var<storage, read> x", "var<storage, read_write> x"]));
    expect(bindings.faults).toEqual(["It does not compile."]);
    expect(bindings.messages.at(-1)?.severity).toBe("error");
  });

  test("says in its owner map what it leaves out and what it stores twice", async () => {
    const maps = async (wgsl: string, workgroups?: readonly [number, number, number]) => {
      const [map] = (await kernelOwners(trials, setup, { wgsl, ...(workgroups && { workgroups }) })).maps;
      return { none: map.none, shared: map.shared, again: map.again };
    };
    expect(await maps(text)).toEqual({ none: 0, shared: 0, again: 0 });
    const [, oh, ow] = (await kernelOwners(trials, setup)).maps[0].shape;
    expect(await maps(edited(text, [LAST, `if (output != 3) { ${LAST} }`]))).toEqual({ none: oh * ow, shared: 0, again: 0 });
    expect(await maps(edited(text, [LAST, `${LAST}\n  if (output == 3) { ${LAST} }`]))).toEqual({ none: 0, shared: 0, again: oh * ow });
    const [x] = setup.workgroups;
    // A second row of workgroups that makes the same again.
    const twice = edited(text, ["let i = invocation.y * workgroups.x * WORKGROUP + invocation.x;", "let i = invocation.x;"]);
    const found = await maps(twice, [x, 2, 1]);
    expect(found).toMatchObject({ none: 0, again: 0 });
    expect(found.shared).toBeGreaterThan(0);
    const beyond = await kernelOwners(trials, setup, {
      wgsl: edited(text, ["  y[at] = rectified", "  y[1000000 + at] = rectified"]),
    });
    expect(beyond.beyond).toBeGreaterThan(0);
    await expect(kernelOwners(trials, setup, { wgsl: edited(text, [LAST, `  let p = &y[output];\n  *p = sum;`]) })).rejects.toThrow(
      'a pointer to "y" is not followed',
    );
  });

  test("is tried on a device of its own, and the network goes on; wrong arguments are said", async () => {
    const before = device.memory();
    const trial = await scope.trial(launch, { wgsl: edited(text, ["c < dims.channels; c++", "c < dims.channels; c += 0"]) });
    expect(trial.endless).toBe(true);
    expect((await scope.trial(launch, { wgsl: text, repeats: 1 })).right).toBe(true);
    expect(device.memory()).toEqual(before);
    await expect(scope.trial("conv9#0", { wgsl: text })).rejects.toThrow('there is no launch "conv9#0"');
    await expect(scope.trial(launch, {} as { wgsl: string })).rejects.toThrow("tryKernel: wgsl must be a string");
    await expect(scope.trial(launch, { wgsl: text, workgroups: [0, 1, 1] })).rejects.toThrow("three whole numbers from 1 to 65535");
    await expect(tryKernel(trials, 1 as never, { wgsl: text })).rejects.toThrow("the setup must be what microscope.setup() returned");
  });

  test("on a device that was lost is an Error that says so", async () => {
    const lost = await openDevice();
    lost.gpu.destroy();
    await lost.lost;
    await expect(tryKernel(lost, setup, { wgsl: text })).rejects.toThrow("the device was lost while this kernel ran on it");
  });

  test("may be another family's, with that family's launches", async () => {
    const own = (await scope.setup(launch)) as LaunchSetup;
    expect(own.family).toBe("textbook");
    const other = (await scope.setup(launch, "subgroup")) as LaunchSetup;
    expect(other.kernel.name).toContain("gemm-subgroup");
    expect((await tryKernel(trials, other, { wgsl: other.kernel.wgsl, repeats: 0 })).faults).toEqual([]);
    expect(await scope.setup(launch, "winograd")).toBeNull();
  });
});
