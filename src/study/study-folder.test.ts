// study.json: each profile's protocol is read back as it was written, and what is damaged is named with its place.
import { beforeEach, expect, test } from "vitest";
import { memoryFiles } from "../platform/files-fixture.ts";
import type { Files } from "../platform/platform.ts";
import { protocolOf } from "./profiles.ts";
import { hashProtocol, MODEL_IDS, PROFILES, type Protocol } from "./protocol.ts";
import { fixStudy, readStudy } from "./study-folder.ts";

const sources = { data: null, weights: {} };
let files: Files;
beforeEach(() => (files = memoryFiles(new Map())));

test("each profile's protocol comes back as it was", async () => {
  for (const profile of PROFILES) {
    // The paper's pretrained models start from files that are not here.
    const models = profile === "paper" ? MODEL_IDS.filter((id) => id.includes("untrained")) : MODEL_IDS;
    const study = { protocol: protocolOf(profile, { models }), sources };
    await fixStudy(files, profile, study);
    expect(await readStudy(files, profile)).toEqual(study);
  }
});

/** A file whose hash fits, so that nothing but its content is wrong. */
const forge = (change: object): Promise<void> => {
  const protocol = { ...protocolOf("quick"), ...change } as Protocol;
  return files.write("out/study.json", JSON.stringify({ hash: hashProtocol(protocol), protocol, sources }));
};

test.each([
  ["seeds that are no list", { seeds: 3 }, "at protocol.seeds"],
  ["a seed twice", { seeds: [0, 0] }, "at protocol.seeds"],
  ["a model twice", { models: [protocolOf("quick").models[0], protocolOf("quick").models[0]] }, "at protocol.models"],
  [
    "an origin without a hash",
    { pretraining: { kind: "file", files: { alexnet: { origin: { kind: "unknown file" }, newLayers: [] } } } },
    "at protocol.pretraining.files.alexnet.origin",
  ],
  ["no model", { models: [] }, "at protocol.models"],
  ["a model without a solver", { models: [{ ...protocolOf("quick").models[0], solver: undefined }] }, "at protocol.models.0.solver"],
  ["a cohort of another kind", { cohort: { kind: "real" } }, "at protocol.cohort"],
  ["another format", { format: "striatum-study-1" }, "at protocol.format"],
  ["images without a window", { images: {} }, "at protocol.images.windowHu"],
])("%s is refused with file and place", async (_, change, place) => {
  await forge(change);
  await expect(readStudy(files, "out")).rejects.toThrow(`out/study.json: not a study of this version, ${place}`);
});

test("no study at all, and a protocol that was changed", async () => {
  for (const text of ["null", "[]", "{}"]) {
    await files.write("out/study.json", text);
    await expect(readStudy(files, "out"), text).rejects.toThrow("out/study.json: not a study of this version");
  }
  await files.write("out/study.json", "{");
  await expect(readStudy(files, "out")).rejects.toThrow("out/study.json: not JSON");
  await fixStudy(files, "other", { protocol: protocolOf("quick"), sources });
  const text = new TextDecoder().decode(await files.read("other/study.json"));
  await files.write("other/study.json", text.replace('"mirror": true', '"mirror": false').replace('"width": 0.25', '"width": 0.5'));
  await expect(readStudy(files, "other")).rejects.toThrow("other/study.json: the protocol does not match the hash");
});
