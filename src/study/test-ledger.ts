// The number of test scorings per run: recorded before each scoring, outside of the run's own folder, so that neither a kill nor a removed
// folder hides a second look. One file per run, as processes on several machines may score at once.
import * as v from "valibot";
import type { Files } from "../platform/platform.ts";
import type { StudyJob } from "./plan.ts";

const FOLDER = "test-scorings";
const LIMIT_BYTES = 2 ** 20;

const ENTRY = v.object({ event: v.picklist(["begun", "done"]), job: v.string() });
type Entry = v.InferOutput<typeof ENTRY>;

const pathOf = (out: string, { name }: Pick<StudyJob, "name">): string => `${out}/${FOLDER}/${name}.jsonl`;

async function entries(files: Files, out: string, job: Pick<StudyJob, "name">): Promise<Entry[]> {
  const path = pathOf(out, job);
  if (!(await files.exists(path))) return [];
  const text = new TextDecoder().decode(await files.read(path, LIMIT_BYTES));
  // A kill can leave half a line; it was to be the next entry, so it counts as one begun, as does any line that is none.
  return text.split("\n").flatMap((line): Entry[] => {
    if (line === "") return [];
    try {
      return [v.parse(ENTRY, JSON.parse(line))];
    } catch {
      return [{ event: "begun", job: "" }];
    }
  });
}

/** How often a run has scored the test cases, whole or in part. */
export const scoringsOf = async (files: Files, out: string, job: Pick<StudyJob, "name">): Promise<number> =>
  (await entries(files, out, job)).filter(({ event }) => event === "begun").length;

/**
 * Writes down that a run is about to score the test cases. Throws where it has done so to the end before, unless `again` says that this is meant;
 * a scoring that a kill cut short may be begun again. Either counts.
 */
export async function beginScoring(files: Files, out: string, { name, id }: Pick<StudyJob, "name" | "id">, again: boolean): Promise<void> {
  const known = await entries(files, out, { name });
  if (known.some(({ event }) => event === "done") && !again) {
    throw new Error(
      `${name} has scored the test cases before (${pathOf(out, { name })}), and its predictions are gone. To score them again, pass ` +
        "--score-again; the report will say how often it was done",
    );
  }
  await files.append(pathOf(out, { name }), JSON.stringify({ event: "begun", job: id } satisfies Entry));
}

export const endScoring = (files: Files, out: string, { name, id }: Pick<StudyJob, "name" | "id">): Promise<void> =>
  files.append(pathOf(out, { name }), JSON.stringify({ event: "done", job: id } satisfies Entry));
