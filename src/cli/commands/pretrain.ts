// striatum pretrain: pretrains a network on fractal images, without any download.
import { Option, type Command } from "commander";
import { openEngine, type Engine } from "../../engine/engine.ts";
import { POSES, type Poses } from "../../fractals/render.ts";
import { networkNamed } from "../../models/index.ts";
import { POLICIES, STARTS, type Policy, type StartLaw } from "../../train/job.ts";
import { quickPretraining } from "../../study/profiles.ts";
import { defaultPretraining, pretrain, type Pretraining } from "../../train/pretrain.ts";
import { Engines, surviving } from "../../train/surviving.ts";
import { BEST_WEIGHTS } from "../../train/fit.ts";
import { halveWeights } from "../../weights/halve.ts";
import { given } from "../given.ts";
import { listenForInterruption } from "../interruption.ts";
import { netOption, positive, share, whole, withEngine } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { openProgress } from "../progress.ts";

/** The weights in 16 bits, beside those in 32. */
const HALF_WEIGHTS = "weights-f16.safetensors";

interface PretrainOptions {
  readonly net: string;
  readonly out: string;
  readonly quick?: boolean;
  readonly categories?: number;
  readonly instances?: number;
  readonly poses?: Poses;
  readonly width?: number;
  readonly size?: number;
  readonly init?: StartLaw;
  readonly epochs?: number;
  readonly batch?: number;
  readonly lr?: number;
  readonly policy?: Policy;
  readonly warmUp?: number;
  readonly seed?: number;
  readonly pixelScale?: number;
  readonly checkpointEvery?: number;
  readonly half?: boolean;
  readonly json?: boolean;
}

export function registerPretrain(program: Command): void {
  program
    .command("pretrain")
    .description("pretrain a network to classify fractal images, without any download")
    .addOption(netOption())
    .requiredOption("--out <dir>", "run folder; a stopped pretraining is resumed, a finished one is kept")
    .option("--quick", "the quick study's settings: a quarter of the channels, 64 pixels, about half a minute on two cores")
    .option("--categories <n>", "classes of fractals (default: 100)", whole(2))
    .option("--instances <n>", "training images per class (default: 400)", whole(1))
    .addOption(
      new Option("--poses <how>", "figures in any position, or upright, which is easier for small networks (default: any)").choices(POSES),
    )
    .option("--width <share>", "share of the paper's channels: 1, 1/2, 1/4 ...; fine-tuning must use the same", share)
    .option("--size <pixels>", "side of the network's input (default: the paper's)", whole(32))
    .addOption(new Option("--init <how>", "initialization of the weights (default: msra)").choices(STARTS))
    .option("--epochs <n>", "passes over the training images (default: 30)", whole(1))
    .option("--batch <n>", "images per step (default: 32)", whole(1))
    .option("--lr <rate>", "learning rate (default: 0.005)", positive)
    .addOption(new Option("--policy <policy>", "how the learning rate falls (default: poly)").choices(POLICIES))
    .option("--warm-up <steps>", "steps over which the learning rate rises first (default: 0)", whole(0))
    .option("--seed <n>", "seed of images and weights; the same seed and adapter give the same bits (default: 0)", whole(0))
    .option(
      "--pixel-scale <s>",
      "factor of the pixels after their mean is subtracted (default: 1/64); fine-tuning must use the same",
      positive,
    )
    .option("--checkpoint-every <steps>", "write checkpoints also between epochs, every this many steps", whole(1))
    .option("--half", `also write ${HALF_WEIGHTS}: the weights in 16 bits, half the size; also of a pretraining that is finished`)
    .option("--json", "events as JSON Lines on stdout")
    .addHelpText(
      "after",
      "\nThe images are drawn by formula (iterated function systems) during training; nothing is downloaded, and no photograph is used.\n" +
        'The weights are "fractal-pretrained", not ImageNet\'s. Start from them with  npx striatum train --weights <dir> --rename-last',
    )
    .action((options: PretrainOptions) => withEngine((engine) => run(engine, options)));
}

async function run(engine: Engine, options: PretrainOptions): Promise<void> {
  const pretraining = pretrainingOf(options);
  const { settings, source } = pretraining;
  const progress = openProgress({ json: options.json ?? false });
  const interruption = listenForInterruption();
  const engines = new Engines(() => openEngine(engine.platform), { first: engine });
  say(
    `${settings.network.title}, fractal pretraining: ${source.categories} categories, ${source.instances} images each, ` +
      `width ${settings.width}, ${settings.size} pixels, seed ${settings.seed}, on ${engine.adapterName}`,
  );
  try {
    const events = surviving(engines, engine.platform, async function* () {
      return yield* pretrain(pretraining, { engine: await engines.current(), out: options.out, signal: interruption.signal });
    });
    let next = await events.next();
    for (; next.done !== true; next = await events.next()) progress.event(next.value);
    progress.end();
    const result = next.value;
    const weights = `${options.out}/${BEST_WEIGHTS}`;
    const { files } = engine.platform;
    if (options.half && result?.complete !== false)
      await files.write(`${options.out}/${HALF_WEIGHTS}`, halveWeights(await files.read(weights), weights));
    if (result?.complete === false) {
      process.exitCode = interruption.exitCode();
      say(`stopped at step ${result.steps}; run the same command to resume`);
    } else if (options.json) printJson({ kind: "done", out: options.out, weights, ...(result ?? { before: true }) });
    else print(result ? `${weights}: fractal-pretrained, from epoch ${result.bestEpoch}` : `${weights}: exists already; nothing to do`);
  } finally {
    progress.end();
    interruption.dispose();
    await engines.dispose();
  }
}

function pretrainingOf({ net, quick, categories, instances, poses, lr, pixelScale, ...options }: PretrainOptions): Pretraining {
  const network = networkNamed(net);
  const { settings, source } = quick ? quickPretraining(network) : defaultPretraining(network);
  const { width, size, init, epochs, batch, policy, warmUp, seed, checkpointEvery } = options;
  const images = { ...settings.images, ...given({ pixelScale }) };
  return {
    settings: { ...settings, ...given({ width, size, init, epochs, batch, rate: lr, policy, warmUp, seed, checkpointEvery }), images },
    source: { ...source, ...given({ categories, instances, poses, seed }) },
  };
}
