// Copies of a head in another frame, another size, another window, turned, mirrored or compressed are found; another head is not.
import { encode } from "jpeg-js";
import { beforeAll, describe, expect, test } from "vitest";
import type { HuWindow } from "../dicom/window.ts";
import { renderCase } from "../phantoms/case.ts";
import { makeCohort } from "../phantoms/cohort.ts";
import { inBytes, type Image, type Picture } from "./image.ts";
import { areAlike, lookAlikes, signatureOf, type Signature } from "./look-alikes.ts";
import { readPicture } from "./picture.ts";

const WINDOW: HuWindow = { centerHu: 40, widthHu: 80 };
const inflate = (): never => {
  throw new Error("no PNG here");
};

let heads: Image[];
let neighbour: Image;
let signatures: Signature[];

beforeAll(() => {
  const cases = makeCohort({ cases: 12, seed: 3, kind: "quick" })
    .slice(0, 5)
    .map((spec) => renderCase(spec));
  const sliceOf = (i: number, from: number): Image => {
    const { hu, rows, columns } = cases[i].slice(from);
    return { unit: "HU", width: columns, height: rows, channels: 1, data: Float32Array.from(hu) };
  };
  heads = cases.map((_, i) => sliceOf(i, 3));
  neighbour = sliceOf(0, 4);
  signatures = heads.map((head) => signatureOf(inBytes(head, WINDOW)));
}, 60_000);

interface Change {
  /** Shares of the sides: left, top, right, bottom. */
  readonly crop?: readonly [number, number, number, number];
  readonly scale?: number;
  readonly degrees?: number;
  readonly mirrored?: boolean;
}

/** The picture through another frame, bilinear; black outside. */
function changed({ width, height, data }: Picture, { crop = [0, 0, 0, 0], scale = 1, degrees = 0, mirrored = false }: Change): Picture {
  const [left, top, right, bottom] = crop;
  const [w, h] = [width * (1 - left - right), height * (1 - top - bottom)];
  const to = { width: Math.round(w * scale), height: Math.round(h * scale), channels: 1 as const };
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const at = (x: number, y: number): number => (x < 0 || y < 0 || x >= width || y >= height ? 0 : data[y * width + x]);
  const value = (i: number): number => {
    const x = (mirrored ? to.width - 1 - (i % to.width) : i % to.width) + 0.5;
    const u = left * width + (x / to.width) * w - width / 2;
    const v = top * height + ((Math.floor(i / to.width) + 0.5) / to.height) * h - height / 2;
    const [px, py] = [cos * u - sin * v + width / 2 - 0.5, sin * u + cos * v + height / 2 - 0.5];
    const [x0, y0] = [Math.floor(px), Math.floor(py)];
    const across = (row: number): number => at(x0, row) + (px - x0) * (at(x0 + 1, row) - at(x0, row));
    return across(y0) + (py - y0) * (across(y0 + 1) - across(y0));
  };
  return { ...to, data: Uint8Array.from({ length: to.width * to.height }, (_, i) => Math.round(value(i))) };
}

async function compressed({ width, height, data }: Picture): Promise<Picture> {
  const rgba = new Uint8Array(4 * width * height);
  data.forEach((grey, i) => rgba.set([grey, grey, grey, 255], 4 * i));
  return readPicture(new Uint8Array(encode({ width, height, data: rgba }, 70).data), "copy.jpg", { inflate });
}

describe("a copy of a head", () => {
  test.each<[string, Change]>([
    ["cropped by 10 % a side", { crop: [0.1, 0.1, 0.1, 0.1] }],
    ["cropped on two sides", { crop: [0.1, 0, 0.02, 0.1] }],
    ["cropped and enlarged", { crop: [0.06, 0.09, 0.1, 0.03], scale: 1.4 }],
    ["cropped, shrunk and mirrored", { crop: [0.05, 0.08, 0.1, 0.02], scale: 0.7, mirrored: true }],
    ["cropped and turned a little", { crop: [0.04, 0.04, 0.08, 0.02], degrees: 1.5 }],
  ])("%s is told", (_, change) => {
    const told = heads.filter((head, i) => areAlike(signatures[i], signatureOf(changed(inBytes(head, WINDOW), change))));
    expect(told).toHaveLength(heads.length);
  });

  test("through another window, cropped and compressed is told", async () => {
    for (const [i, head] of heads.entries()) {
      const copy = changed(inBytes(head, { centerHu: 35, widthHu: 100 }), { crop: [0.08, 0.03, 0.05, 0.1] });
      expect(areAlike(signatures[i], signatureOf(await compressed(copy)))).toBe(true);
    }
  });
});

test("a neighbouring slice is told, another head is not, cropped or as it is", () => {
  expect(areAlike(signatures[0], signatureOf(inBytes(neighbour, WINDOW)))).toBe(true);
  const cropped = heads.map((head) => signatureOf(changed(inBytes(head, WINDOW), { crop: [0.07, 0.1, 0.04, 0.09] })));
  const wrong = heads.flatMap((_, a) =>
    heads.flatMap((_, b) => (a !== b && (areAlike(signatures[a], signatures[b]) || areAlike(signatures[a], cropped[b])) ? [[a, b]] : [])),
  );
  expect(wrong).toEqual([]);
});

test("pairs name the images that look alike, in different groups only", () => {
  const copy = signatureOf(changed(inBytes(heads[2], WINDOW), { crop: [0.1, 0.05, 0.1, 0.1] }));
  const cases = [[signatures[0], signatures[2]], [signatures[1]], [signatures[3], signatures[4], copy], [copy]];
  expect(lookAlikes(cases, ["train", "test", "test", "test"])).toEqual([
    { first: 0, second: 2, images: [1, 2] },
    { first: 0, second: 3, images: [1, 0] },
  ]);
  expect(lookAlikes(cases, ["test", "test", "test", "test"])).toEqual([]);
});

test("pictures of one grey are never alike", () => {
  const flat = signatureOf({ width: 64, height: 64, channels: 1, data: new Uint8Array(64 * 64).fill(90) });
  expect(lookAlikes([[flat], [flat]], ["train", "test"])).toEqual([]);
});
