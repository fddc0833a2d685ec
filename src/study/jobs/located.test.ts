// Blood on what the network saw, held to the pixels that it saw.
import { expect, test } from "vitest";
import { openDataset } from "../../dataset/dataset.ts";
import { memoryFiles } from "../../dataset/dataset-fixture.ts";
import { BRAIN_WINDOW } from "../../dicom/window.ts";
import { makeCaseFiles } from "../../phantoms/case-files.ts";
import { clotOf } from "../../phantoms/clot-mask.ts";
import { makeCohort } from "../../phantoms/cohort.ts";
import { locate, middleOf } from "./located.ts";

const [STORED, SIZE] = [72, 64];
const inflate = (): Promise<Uint8Array> => Promise.reject(new Error("nothing here is deflated"));

test.each([0.85, undefined])(
  "the outline encloses the bright pixels of the network's picture (crop around the head: %s)",
  async (headCrop) => {
    const cohort = makeCohort({ cases: 36, seed: 7, kind: "quick" });
    const [spec, other] = ["easy", "normal"].map((stratum) => cohort.find((one) => one.stratum === stratum));
    if (!spec || !other) throw new Error("no easy case, or no normal one");
    const files = [spec, other].flatMap((one) => makeCaseFiles(one, {}, false).files);
    const manifest = `path,label,side,patient,split\n${spec.patient},hemorrhage,${spec.side},1,test\n${other.patient},none,none,2,train\n`;
    const memory = memoryFiles({
      "data/manifest.csv": manifest,
      ...Object.fromEntries(files.map(({ name, bytes }) => [`data/${name}`, bytes])),
    });
    const images = { windowHu: BRAIN_WINDOW, slices: 1, slab: true, pixelScale: 1, ...(headCrop !== undefined && { headCrop }) };
    const data = await openDataset(memory, "data", { size: STORED, inflate, classes: ["none", "hemorrhage"], only: ["test"], ...images });
    const set = data.images("test");
    const stored = await set.read(0);
    const located = await locate(set.file?.(0).path ?? "", {
      trained: { size: SIZE, images },
      files: { files: memory, inflate },
      clot: clotOf(spec),
      stored,
    });
    const picture = middleOf(stored, SIZE);
    const blood = new Set(located.clotPixels.map(([x, y]) => Math.floor(y) * SIZE + Math.floor(x)));
    const mean = (pixels: number[]): number => pixels.reduce((sum, i) => sum + picture.data[i], 0) / pixels.length;
    // The clot's neighbourhood, two pixels away from it: brain, and no bone.
    const near = (i: number, far: number): boolean =>
      located.clotPixels.some(([x, y]) => Math.hypot(x - (i % SIZE) - 0.5, y - Math.floor(i / SIZE) - 0.5) < far);
    const around = [...picture.data.keys()].filter((i) => !near(i, 2.5) && near(i, 4));
    expect(blood.size).toBeGreaterThan(8);
    expect(mean([...blood]) - mean(around)).toBeGreaterThan(45);
    // The outline encloses the clot's pixels: its box is theirs, half a pixel around.
    const xs = (located.outline ?? []).filter((_, i) => i % 2 === 0);
    const own = located.clotPixels.map(([x]) => x);
    expect(Math.abs(Math.min(...xs) - Math.min(...own))).toBeLessThan(0.6);
    expect(Math.abs(Math.max(...xs) - Math.max(...own))).toBeLessThan(0.6);
    // And on the slice itself, with all its pixels.
    expect(located.slice?.right).toBe("left");
    expect(located.slice?.picture.width).toBeGreaterThan(100);
    expect(located.slice?.outline?.length).toBeGreaterThan(located.clotPixels.length / 10);
  },
);
