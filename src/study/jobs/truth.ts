// The phantom generator's ground truth of each synthetic case: truth.csv beside its manifest, and the place of the clot, which follows from the
// cohort's seed. The user's own cases have none.
import { parseCsv } from "../../dataset/csv.ts";
import { clotOf, type ClotOfCase } from "../../phantoms/clot-mask.ts";
import { makeCohort } from "../../phantoms/cohort.ts";
import type { Strata } from "../analysis/result.ts";
import { casesFolder, type StudyContext } from "./context.ts";

export interface Truth {
  readonly strata: Strata;
  readonly ageYears: number;
  /** In words: "putamen, 6.6 mL", "old infarct". */
  readonly finding: string;
}

const FILE = "truth.csv";
const LIMIT_BYTES = 2 ** 24;

/** By the case's path in the manifest; empty where the cases are a person's own. */
export async function readTruths({ platform, protocol }: StudyContext, folder: string): Promise<ReadonlyMap<string, Truth>> {
  if (protocol.cohort.kind !== "synthetic") return new Map();
  const file = `${folder}/${FILE}`;
  const [header, ...rows] = parseCsv(new TextDecoder().decode(await platform.files.read(file, LIMIT_BYTES)), file);
  return new Map(
    rows.map(({ line, fields }) => {
      const of = (column: string): string => {
        const value = fields[header.fields.indexOf(column)];
        if (value === undefined) throw new Error(`${file} line ${line}: has no column ${column}: generate the cohort again`);
        return value;
      };
      const numberIn = (column: string): number => {
        const value = Number(of(column).trim() || Number.NaN);
        if (!Number.isFinite(value)) throw new Error(`${file} line ${line}: ${column} is not a number: generate the cohort again`);
        return value;
      };
      return [of("path"), truthOf(of, numberIn)];
    }),
  );
}

function truthOf(of: (column: string) => string, numberIn: (column: string) => number): Truth {
  const isPositive = of("label") !== "none";
  const stratum = of("stratum");
  const volumeMl = isPositive ? numberIn("volume_ml") : 0;
  const site = of("site");
  return {
    strata: {
      stratum: inWords(stratum),
      ...(isPositive && { volumeMl, site: inWords(site) }),
      ...(!isPositive && { otherBleed: of("other_bleed") === "true" }),
      thicknessMm: numberIn("thickness_mm"),
      tilted: numberIn("tilt_degrees") !== 0,
      syntax: of("syntax"),
      kernel: of("kernel"),
    },
    ageYears: numberIn("age_years"),
    finding: isPositive ? `${inWords(site)}, ${volumeMl.toFixed(1)} mL (${inWords(stratum)})` : inWords(stratum),
  };
}

/** "oldInfarct" -> "old infarct" */
const inWords = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** Where blood lies, by the number of the case; null where it is not known. */
export type Clots = (index: number) => ClotOfCase | null;

/** Drawn again from the cohort's seed, and believed where truth.csv has the same volume: another version of the generator places blood elsewhere. */
export async function readClots(context: StudyContext): Promise<Clots> {
  const { cohort } = context.protocol;
  if (cohort.kind !== "synthetic") return () => null;
  const specs = makeCohort({ ...cohort, kind: cohort.phantoms });
  const truths = await readTruths(context, casesFolder(context));
  const draw = (index: number): ClotOfCase | null => {
    const spec = specs[index];
    const truth = spec && truths.get(spec.patient);
    if (!truth || inWords(spec.stratum) !== truth.strata.stratum) return null;
    const clot = clotOf(spec);
    const { volumeMl } = truth.strata;
    return volumeMl === undefined || Math.abs(clot.volumeMl - volumeMl) < 0.01 ? clot : null;
  };
  const known = new Map<number, ClotOfCase | null>();
  return (index) => {
    if (!known.has(index)) known.set(index, draw(index));
    return known.get(index) ?? null;
  };
}
