// What the jobs of a study wrote when they ended, read back for the report.
import * as v from "valibot";
import { parsedText } from "../../platform/json.ts";
import { END_FILE } from "../../train/run-folder.ts";
import type { StudyJob } from "../plan.ts";
import { pathOf, type StudyContext } from "./context.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const ENDED = { seconds: v.pipe(v.number(), v.minValue(0)), commit: v.nullable(v.string()) };

/** run.json of any job. */
export const ANY_JOB = v.object(ENDED);

/** run.json of a training job, as far as the report shows it. */
export const TRAINED = v.object({
  ...ENDED,
  bestEpoch: count,
  steps: count,
  images: count,
  weights: v.string(),
  adapter: v.string(),
  excluded: v.array(v.object({ case: count, reason: v.string() })),
});
export type Trained = v.InferOutput<typeof TRAINED>;

/** run.json of the run within a training job. */
export const RUN = v.object({ host: v.record(v.string(), v.string()) });

const LIMIT_BYTES = 2 ** 26;

/** The run.json of a job, or of a folder within the job's. */
export async function endedOf<S extends v.GenericSchema>(
  context: Pick<StudyContext, "platform" | "out">,
  job: Pick<StudyJob, "name" | "id">,
  schema: S,
  folder?: string,
): Promise<v.InferOutput<S>> {
  const file = [pathOf(context, job), ...(folder === undefined ? [] : [folder]), END_FILE].join("/");
  return parsedText(schema, await context.platform.files.read(file, LIMIT_BYTES), { file, what: "the end of a job" });
}
