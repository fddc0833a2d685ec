// The inside of a worker thread that makes cases: a specification comes, its files go.
import { parentPort } from "node:worker_threads";
import { makeCaseFiles } from "../phantoms/case-files.ts";
import type { CaseSpec } from "../phantoms/cohort.ts";

parentPort?.on("message", (spec: CaseSpec) => {
  const made = makeCaseFiles(spec);
  parentPort?.postMessage(
    made,
    made.files.map(({ bytes }) => bytes.buffer as ArrayBuffer),
  );
});
