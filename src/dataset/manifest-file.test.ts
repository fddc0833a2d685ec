// What lies beside the cases of a list, and what does not belong to their folder.
import { expect, test } from "vitest";
import { memoryFiles } from "./dataset-fixture.ts";
import { unlabelled } from "./manifest-file.ts";
import { parseManifest } from "./manifest.ts";

test("behind a link no files without a label are looked for", async () => {
  const manifest = parseManifest("path,label\nlinked/a.png,none\nplain/b.png,left\n", "labels.csv");
  const files = memoryFiles({ "data/linked/a.png": "", "data/linked/passwd": "", "data/plain/b.png": "", "data/plain/c.png": "" });
  const link = async (path: string) => (path === "data/linked" ? ("whole" as const) : null);
  expect(await unlabelled({ ...files, link }, "data", manifest)).toEqual(["plain/c.png"]);
  expect(await unlabelled(files, "data", manifest)).toEqual(["linked/passwd", "plain/c.png"]);
});
