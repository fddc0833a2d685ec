import { expect, test } from "vitest";
import { lacksOf } from "../dataset/readiness.ts";
import { makeCohort } from "../phantoms/cohort.ts";
import { longestFirst, secondsOf } from "./estimate.ts";
import { findJob, planStudy } from "./plan.ts";
import { FEWEST_CASES, protocolOf, RECIPE_PARTS } from "./profiles.ts";
import { hashProtocol, MODEL_IDS, PROFILES } from "./protocol.ts";
import { commandOf } from "./rerun.ts";
import { settingsOf } from "./settings.ts";

const names = (...options: Parameters<typeof protocolOf>): string[] => planStudy(protocolOf(...options)).map(({ name }) => name);

test("a study is its cohort, a pretraining per network and seed, eight models per seed, analysis and report", () => {
  expect(names("quick", { seeds: [0, 1] })).toEqual([
    "cohort",
    ...[0, 1].flatMap((seed) => ["alexnet", "googlenet"].map((network) => `pretrain-${network}-seed${seed}`)),
    ...[0, 1].flatMap((seed) => MODEL_IDS.map((id) => `${id}-seed${seed}`)),
    "analysis",
    "report",
  ]);
});

test("each job comes after those that it needs, and one model needs no more than itself", () => {
  const plan = planStudy(protocolOf("quick"));
  plan.forEach(({ needs }, i) => {
    for (const id of needs) expect(plan.slice(0, i).map((job) => job.id)).toContain(id);
  });
  expect(names("quick", { models: ["googlenet-untrained-augmented"] })).toEqual([
    "cohort",
    "googlenet-untrained-augmented-seed0",
    "analysis",
    "report",
  ]);
});

test("a job's id is what decides its numbers: other models and seeds leave it alone, another upstream changes it", () => {
  const idOf = (name: string, ...options: Parameters<typeof protocolOf>): string =>
    planStudy(protocolOf(...options)).find((job) => job.name === name)?.id ?? "none";
  const name = "googlenet-pretrained-plain-seed0";
  const id = idOf(name, "quick");
  expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(idOf(name, "quick", { seeds: [1, 0], models: ["googlenet-pretrained-plain"] })).toBe(id);
  expect(idOf(name, "quick", { iterations: 80 })).not.toBe(id);
  expect(idOf(name, "quick", { pretrainingEpochs: 1 })).not.toBe(id);
  expect(idOf(name, "quick", { cohort: { kind: "synthetic", phantoms: "quick", cases: 170, seed: 1 } })).not.toBe(id);
});

test("models that differ in augmentation alone take the same steps", () => {
  for (const profile of PROFILES) {
    const { models } = protocolOf(profile, { ...(profile === "paper" && { models: MODEL_IDS.filter((id) => id.includes("untrained")) }) });
    for (const { id, solver } of models.filter(({ augmented }) => augmented)) {
      expect(models.find((other) => other.id === id.replace("augmented", "plain"))?.solver).toEqual(solver);
    }
  }
});

test("a protocol is frozen to its last value, and its hash changes with any", () => {
  const protocol = protocolOf("quick");
  expect(() => void ((protocol.models[0].solver as { rate: number }).rate = 1)).toThrow(TypeError);
  expect(hashProtocol(protocolOf("quick"))).toBe(hashProtocol(protocol));
  expect(hashProtocol(protocolOf("quick", { seeds: [1] }))).not.toBe(hashProtocol(protocol));
});

test("the paper profile wants files of weights for its pretrained models, of each network that has some", () => {
  expect(() => protocolOf("paper")).toThrow(/pass --weights-alexnet and --weights-googlenet .* or name untrained models with --models/);
  const googlenet = { origin: { kind: "unknown file", sha256: "00" }, newLayers: [] } as const;
  expect(() => protocolOf("paper", { weights: { kind: "file", files: { googlenet } } })).toThrow(
    "the model alexnet-pretrained-plain starts from a file of weights: name it with --weights-alexnet",
  );
  expect(names("paper", { models: ["googlenet-pretrained-plain"], weights: { kind: "file", files: { googlenet } } })).toHaveLength(4);
});

test("fewer iterations keep the looks at the validation cases apart evenly", () => {
  const [{ solver }] = protocolOf("quick", { iterations: 101 }).models;
  expect(solver.iterations % solver.validateEvery).toBe(0);
  expect(solver.iterations).toBeGreaterThanOrEqual(101);
  expect(protocolOf("quick", { iterations: 3 }).models[0].solver).toMatchObject({ iterations: 3, validateEvery: 3 });
});

test("every setting says who chose it, and what is not in the abstract is not called the paper's", () => {
  const settings = settingsOf(protocolOf("quick"));
  const papers = settings.filter(({ source }) => source === "paper").map(({ setting }) => setting);
  expect(papers.sort()).toEqual(["augmentation", "primary endpoint", "question", "split by patient", "test"]);
  const untrained = MODEL_IDS.filter((id) => id.includes("untrained"));
  expect(settingsOf(protocolOf("paper", { models: untrained })).find(({ setting }) => setting === "split by patient")).toEqual({
    setting: "split by patient",
    value: "45 to train, 15 to validate, 110 held out",
    source: "paper",
  });
  expect(settings.find(({ setting }) => setting === "starts of the weights")?.value).toContain("not ImageNet");
});

test("of pictures neither window nor slices are stated, and the finding is the list's unless it is named", () => {
  const folder = { kind: "folder", manifest: "ab", cases: 60, splitSeed: 3 } as const;
  const valueOf = (setting: string, pictures?: "all" | "some", finding?: string): string | undefined =>
    settingsOf(
      protocolOf("quick", { cohort: { ...folder, ...(pictures && { pictures }) }, ...(finding !== undefined && { finding }) }),
    ).find((row) => row.setting === setting)?.value;
  expect(valueOf("window")).toBe("center 40 HU, width 80 HU");
  expect(valueOf("window", "all")).toBe("as given: window and side unknown");
  expect(valueOf("window", "some")).toBe("CT slices: center 40 HU, width 80 HU; pictures as given: window and side unknown");
  expect(valueOf("slices of a case", "all")).toBe("all pictures of a case");
  expect(valueOf("question", "all")).toBe("hemorrhage, as the list says, in the images of the cases, by a 2-D network");
  expect(valueOf("question", "all", "skull fracture")).toBe("skull fracture, in the images of the cases, by a 2-D network");
  expect(commandOf(protocolOf("quick", { finding: "skull fracture" }))).toContain('--finding "skull fracture"');
});

test("an external cohort adds a job behind the models, and changes no id but the report's", () => {
  const protocol = protocolOf("quick", { models: ["googlenet-untrained-augmented"] });
  const [plain, second, other] = [undefined, "ab", "cd"].map((manifest) =>
    planStudy(protocol, manifest === undefined ? undefined : { manifest, cases: 9 }),
  );
  expect(second.map(({ name }) => name)).toEqual(["cohort", "googlenet-untrained-augmented-seed0", "analysis", "external", "report"]);
  const [external, report] = second.slice(-2);
  expect(external.needs).toEqual(second.slice(0, 2).map(({ id }) => id));
  expect(report.needs).toContain(external.id);
  expect(second.slice(0, 3)).toEqual(plain.slice(0, 3));
  expect(new Set([plain, second, other].map((plan) => plan.at(-1)?.id)).size).toBe(3);
  expect(commandOf(protocol, true)).toMatch(/ --external DIR$/);
});

test("protocols that name no finding keep their hash", () => {
  // Of a profile whose recipe stays.
  const paper = { models: ["alexnet-untrained-plain"] } as const;
  const cohort = { kind: "folder", manifest: "ab", cases: 60, splitSeed: 3 } as const;
  expect(hashProtocol(protocolOf("paper", paper))).toBe("5f388af71f341d28");
  expect(hashProtocol(protocolOf("paper", { ...paper, cohort }))).toBe("f73111f10f35eb86");
});

test("the command that gives a protocol again says what differs from its profile, and no path", () => {
  const origin = { kind: "fractal", categories: 32, instances: 500, seed: 0, sha256: "00" } as const;
  const shipped = {
    kind: "file",
    shipped: true,
    files: { alexnet: { origin, newLayers: [] }, googlenet: { origin, newLayers: [] } },
  } as const;
  const seeds = [0, 1, 2];
  expect(commandOf(protocolOf("quick", { seeds, weights: shipped }))).toBe("npm run study -- --profile quick");
  // The weights that ship stand for no pretraining.
  expect(commandOf(protocolOf("quick", { seeds }))).toBe("npm run study -- --profile quick --pretraining-epochs 6");
  const folder = { kind: "folder", manifest: "ab", cases: 60, splitSeed: 3 } as const;
  expect(
    commandOf(
      protocolOf("quick", {
        cohort: folder,
        seeds: [0, 4],
        iterations: 40,
        pretrainingEpochs: 2,
        models: ["alexnet-pretrained-plain"],
        images: { slab: true },
      }),
    ),
  ).toBe(
    "npm run study -- --profile quick --seeds 0,4 --models alexnet-pretrained-plain --data DIR --split-seed 3 --slab --iterations 40 --pretraining-epochs 2",
  );
});

test("the reduced profile: full width at 128 pixels, the head cut out, eight models on fractals or on files", () => {
  const protocol = protocolOf("reduced");
  expect(protocol).toMatchObject({
    cohort: { kind: "synthetic", phantoms: "study", cases: 170 },
    width: 1,
    size: { alexnet: 128, googlenet: 128 },
    images: { headCrop: 0.85, slices: 3, slab: false, pixelScale: 1 / 64 },
    init: "lsuv",
    choice: "last step",
    pretraining: { kind: "fractal" },
  });
  for (const { solver } of protocol.models) {
    expect(solver).toMatchObject({ iterations: 800, batch: 16, policy: "linear", frozen: [] });
    expect(solver.warmUp).toBeGreaterThan(0);
    expect(solver).not.toHaveProperty("pixelScale");
  }
  expect(names("reduced")).toEqual(names("quick"));
  expect(commandOf(protocol)).toBe("npm run study -- --profile reduced");

  const file = (more: object) => ({ origin: { kind: "unknown file", sha256: "00" } as const, newLayers: [], ...more });
  const files = { alexnet: file({ newLayers: ["fc6", "fc7"] }), googlenet: file({ pixelScale: 1 / 64 }) };
  const started = protocolOf("reduced", { weights: { kind: "file", files } });
  const solverOf = (id: string) => started.models.find((model) => model.id === id)?.solver;
  expect(solverOf("googlenet-pretrained-plain")?.frozen).toContain("inception_4*");
  expect(solverOf("googlenet-pretrained-plain")).not.toHaveProperty("pixelScale");
  // BVLC's weights want unscaled pixels; the untrained models keep theirs.
  expect(solverOf("alexnet-pretrained-plain")).toMatchObject({ pixelScale: 1, frozen: [] });
  expect(solverOf("alexnet-untrained-plain")).toEqual(protocol.models[0].solver);
  expect(names("reduced", { weights: { kind: "file", files } }).filter((name) => name.startsWith("pretrain"))).toEqual([]);
});

test("the reduced profile's time is that of the measured steps by area, less where layers are frozen", () => {
  const minutes = (protocol: ReturnType<typeof protocolOf>): Record<string, number> =>
    Object.fromEntries(planStudy(protocol).map((job) => [job.name, secondsOf(protocol, job) / 60]));
  const untrained = minutes(protocolOf("reduced"));
  // (1.46 s at 227 pixels, 3.04 s at 224) x (128 / side)^2 x 800 steps, and a minute.
  expect(untrained["alexnet-untrained-plain-seed0"]).toBeCloseTo(1 + (1.46 * (128 / 227) ** 2 * 800) / 60, 6);
  expect(untrained["googlenet-untrained-plain-seed0"]).toBeCloseTo(1 + (3.04 * (128 / 224) ** 2 * 800) / 60, 6);
  const googlenet = { origin: { kind: "unknown file", sha256: "00" }, newLayers: [] } as const;
  const frozen = minutes(
    protocolOf("reduced", { models: ["googlenet-pretrained-plain"], weights: { kind: "file", files: { googlenet } } }),
  );
  expect(frozen["googlenet-pretrained-plain-seed0"]).toBeLessThan(0.6 * untrained["googlenet-pretrained-plain-seed0"]);
});

test("averaged weights and mirrored slices are part of a model's job, and absent where they are not asked for", () => {
  const trainJob = (...options: Parameters<typeof protocolOf>) => planStudy(protocolOf(...options)).find(({ kind }) => kind === "train");
  const [plain, averaged, mirrored] = [{}, { average: 0.25 }, { mirrorScores: true }].map((options) => trainJob("quick", options));
  expect(plain?.job).not.toHaveProperty("mirrorScores");
  expect(plain?.job["model"]).not.toHaveProperty("solver.average");
  expect(averaged?.job).toMatchObject({ model: { solver: { average: 0.25 } } });
  expect(mirrored?.job).toMatchObject({ mirrorScores: true });
  expect(new Set([plain, averaged, mirrored].map((job) => job?.id)).size).toBe(3);
  const both = protocolOf("quick", { average: 0.25, mirrorScores: true });
  expect(commandOf(both)).toBe("npm run study -- --profile quick --seeds 0 --average 0.25 --mirror-scores --pretraining-epochs 6");
  const values = settingsOf(both).map(({ value }) => value);
  expect(values).toContain("1 - P(none), mean over slices, each slice as it is and mirrored");
  expect(values).toContain("mean of the last looks");
});

test("parts of the recipe are left out one by one, and the command names them", () => {
  const full = protocolOf("quick", { seeds: [0] });
  for (const part of RECIPE_PARTS) {
    const protocol = protocolOf("quick", { seeds: [0], without: [part] });
    expect(protocol, part).not.toEqual(full);
    expect(commandOf(protocol)).toContain(` --without ${part}`);
  }
  const bare = protocolOf("quick", { seeds: [0], without: RECIPE_PARTS });
  expect(bare.init).toBe("msra");
  expect(bare.images).not.toHaveProperty("headCrop");
  for (const { solver } of bare.models) expect(solver).toMatchObject({ warmUp: 0, policy: "fixed" });
  expect(commandOf(bare)).toContain(` --without ${RECIPE_PARTS.join(",")}`);
  // A profile without such parts has nothing to leave out.
  const paper = { seeds: [0], models: ["alexnet-untrained-plain"] } as const;
  expect(protocolOf("paper", { ...paper, without: ["lsuv", "head-crop"] })).toEqual(protocolOf("paper", paper));
});

test("a job is found by id, name or place", () => {
  const plan = planStudy(protocolOf("quick"));
  expect(findJob(plan, plan[3].id)).toBe(plan[3]);
  expect(findJob(plan, "analysis")).toBe(plan[11]);
  expect(findJob(plan, "0")).toBe(plan[0]);
  for (const named of ["13", "-1", "nothing", ""]) expect(() => findJob(plan, named)).toThrow(`there is no job "${named}"`);
});

test("synthetic cohorts of any size that is accepted can be judged", () => {
  const lacks = (cases: number): string[] => {
    const cohort = makeCohort({ cases, seed: 0, kind: "quick" });
    const counted = cohort.map(({ index, label, split }) => ({ line: index, label, split, usable: true, reason: null }));
    return lacksOf({ file: "phantoms", drawn: false, cases: counted }, "study");
  };
  const findingsOf = (cases: number): string[] =>
    makeCohort({ cases, seed: 0, kind: "quick" }).flatMap(({ split, label }) => (split === "val" ? [label] : []));
  for (let cases = FEWEST_CASES; cases <= 200; cases++) {
    expect(lacks(cases), String(cases)).toEqual([]);
    expect(new Set(findingsOf(cases)).size, String(cases)).toBe(2);
  }
  expect(new Set(findingsOf(FEWEST_CASES - 1)).size).toBe(1);
});

test("trainings run from the longest to the shortest, and each job comes after those that it needs", () => {
  const protocol = protocolOf("quick", { seeds: [0, 1] });
  const plan = planStudy(protocol);
  const order = longestFirst(protocol, plan);
  expect(order).not.toEqual(plan);
  expect(new Set(order)).toEqual(new Set(plan));
  const seconds = order.filter(({ kind }) => kind === "train").map((job) => secondsOf(protocol, job));
  expect(seconds).toEqual(seconds.toSorted((a, b) => b - a));
  order.forEach(({ needs }, i) => {
    for (const id of needs) expect(order.slice(0, i).map((job) => job.id)).toContain(id);
  });
});
