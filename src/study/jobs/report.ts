// seam
import { type Work } from "./context.ts";
export const report: Work<"report"> = async function* () {
  yield { kind: "note", text: "report" };
  return {};
};
