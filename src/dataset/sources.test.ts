// Which side of an image the patient's right lies on.
import { inflateRawSync } from "node:zlib";
import { encode } from "fast-png";
import { expect, test } from "vitest";
import { fixture } from "../dicom/slice-fixture.ts";
import { writeCtSlice } from "../dicom/write-slice.ts";
import { headSeries, memoryFiles } from "./dataset-fixture.ts";
import { readPlaced } from "./sources.ts";

const inflate = async (bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> =>
  new Uint8Array(inflateRawSync(bytes, { maxOutputLength: limitBytes }));

test.each([false, true])(
  "of a CT slice the side is known, and the spot on the patient's left lies on the other (mirrored: %s)",
  async (mirrored) => {
    const files = headSeries({ patient: "P1", mirrored, fromMm: 0, toMm: 0 });
    const [name] = Object.keys(files);
    const { image, right } = await readPlaced(name, { files: memoryFiles(files), inflate });
    const bright = (of: (column: number) => boolean): number => {
      const own = [...image.data.keys()].filter((i) => of(i % image.width) && image.data[i] >= 60 && image.data[i] <= 80);
      return own.length;
    };
    const [left, rest] = [bright((column) => column < image.width / 2), bright((column) => column >= image.width / 2)];
    expect(Math.max(left, rest)).toBeGreaterThan(20);
    expect(right).toBe(left > rest ? "right" : "left");
  },
);

test("a slice that cannot be of a head is refused", async () => {
  const tiny = writeCtSlice(fixture());
  const reading = readPlaced("a.dcm", { files: memoryFiles({ "a.dcm": tiny }), inflate });
  await expect(reading).rejects.toThrow("a.dcm: cannot be used as an image: 8 x 6 pixels are too few: 32 x 32 needed");
});

test("of a picture nobody knows", async () => {
  const png = encode({ width: 4, height: 4, channels: 1, depth: 8, data: new Uint8Array(16) });
  const { right } = await readPlaced("a.png", { files: memoryFiles({ "a.png": png }), inflate });
  expect(right).toBeNull();
});
