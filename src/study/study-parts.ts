// Parts of a study's protocol that are read from files: a folder's cases, what of them are pictures, and the weights that models start from.
import type { Dataset } from "../dataset/dataset.ts";
import { studyClasses } from "../dataset/manifest.ts";
import { readManifest } from "../dataset/manifest-file.ts";
import { networkNamed } from "../models/index.ts";
import type { Files } from "../platform/platform.ts";
import { newLayers } from "../train/start.ts";
import { readWeights } from "../weights/load.ts";
import { originOf } from "../weights/origin.ts";
import { looksLikeSafetensors, readSafetensors } from "../weights/safetensors.ts";
import type { NetworkName, Pretraining, Profile, Protocol, StartFile, StudyCohort } from "./protocol.ts";
import { sizeOfProfile } from "./profiles.ts";
import type { Sources, Study } from "./study-folder.ts";

/** Cohort and classes of a folder's list; `splitSeed` counts where the list has no splits. */
export async function folderCohort(
  files: Files,
  data: string,
  splitSeed: number,
): Promise<{ cohort: StudyCohort; classes: Protocol["classes"] }> {
  const manifest = await readManifest(files, data);
  const isSplit = manifest.cases.some(({ split }) => split !== null);
  return {
    cohort: { kind: "folder", manifest: manifest.hash, cases: manifest.cases.length, splitSeed: isSplit ? null : splitSeed },
    classes: studyClasses(manifest),
  };
}

/** A study of a folder with what its protocol says of the images. */
export function withPictures(study: Study, cases: Dataset["cases"]): Study {
  const { protocol } = study;
  const pictures = cases.filter((item) => item.pictures).length;
  if (pictures === 0 || protocol.cohort.kind !== "folder") return study;
  return { ...study, protocol: { ...protocol, cohort: { ...protocol.cohort, pictures: pictures === cases.length ? "all" : "some" } } };
}

/** What a protocol says of files of weights by network; undefined where there are none. */
export async function startFiles(
  files: Pick<Files, "read">,
  paths: Sources["weights"],
  profile: Profile,
): Promise<Extract<Pretraining, { kind: "file" }> | undefined> {
  const known: [NetworkName, StartFile][] = [];
  for (const [name, path] of Object.entries(paths) as [NetworkName, string][]) {
    const bytes = await files.read(path);
    const pixelScale = looksLikeSafetensors(bytes) ? readSafetensors(bytes, path).metadata["pixelScale"] : undefined;
    const startFile: StartFile = {
      origin: await originOf(bytes, path, networkNamed(name).auxiliary),
      newLayers: newLayers(networkNamed(name), readWeights(bytes, path), sizeOfProfile(profile, name)),
      ...(pixelScale !== undefined && { pixelScale: Number(pixelScale) }),
    };
    known.push([name, startFile]);
  }
  return known.length === 0 ? undefined : { kind: "file", files: Object.fromEntries(known) };
}
