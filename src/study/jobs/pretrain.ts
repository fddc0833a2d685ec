// Pretrained weights: the user's file, or made here from fractal images.
import { networkNamed } from "../../models/index.ts";
import { defaultSettings } from "../../train/job.ts";
import { DEFAULT_IMAGES } from "../../train/image-settings.ts";
import { pretrain as pretrainNetwork } from "../../train/pretrain.ts";
import { RunFolder } from "../../train/run-folder.ts";
import { readBest, type WeightsFile } from "../../train/start.ts";
import { sha256Hex } from "../../tensor/sha256.ts";
import type { NetworkName } from "../protocol.ts";
import { jobOf, pathOf, type StudyContext, type Work } from "./context.ts";

/** The run of `npx striatum pretrain` within the job's folder. */
const PRETRAINING = "pretraining";

export const pretrain: Work<"pretrain"> = async function* (job, context) {
  const { width, size, init, images } = context.protocol;
  const { network, seed, recipe } = job;
  const { source, epochs, batch, rate, policy, warmUp } = recipe;
  const engine = await context.engine();
  const settings = {
    ...defaultSettings(networkNamed(network), null),
    width,
    size: size[network],
    init,
    epochs,
    batch,
    rate,
    policy,
    ...(warmUp > 0 && { warmUp }),
    seed,
    mirror: false,
    images: { ...DEFAULT_IMAGES, pixelScale: images.pixelScale },
  };
  const out = `${pathOf(context, job)}/${PRETRAINING}`;
  const result = yield* pretrainNetwork({ settings, source: { ...source, seed } }, { engine, out, signal: context.signal });
  if (result?.complete === false) return null;
  const { bytes } = await readBest(await RunFolder.open(context.platform.files, out));
  return { network, seed, adapter: engine.adapterName, images: source.categories * source.instances * epochs, weights: sha256Hex(bytes) };
};

/** What a pretrained model starts from; a file must be the one that the protocol fixed. */
export async function pretrainedWeights(context: StudyContext, network: NetworkName, pretrain: string | null): Promise<WeightsFile> {
  const { platform, protocol, sources, out } = context;
  if (pretrain !== null)
    return readBest(await RunFolder.open(platform.files, `${pathOf(context, jobOf(context, pretrain, "pretrain"))}/${PRETRAINING}`));
  const { files = {}, shipped = false } = protocol.pretraining?.kind === "file" ? protocol.pretraining : {};
  const file = shipped ? context.shippedWeights(network) : sources.weights[network];
  const fixed = files[network];
  if (file === undefined || fixed === undefined)
    throw new Error(`${out}/study.json: does not name the weights of ${network}; name the file with --weights-${network}`);
  const bytes = await platform.files.read(file);
  if (fixed.origin.kind === "none" || fixed.origin.sha256 !== sha256Hex(bytes))
    throw new Error(`${file}: differs from the file in the protocol (another SHA-256): restore it, or choose another --out`);
  return { file, bytes };
}
