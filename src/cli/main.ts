// striatum: the command line. A table of commands; each has its own file, which says what it takes and prints.
import { Command, CommanderError, InvalidArgumentError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { registerAugment } from "./commands/augment.ts";
import { registerBench } from "./commands/bench.ts";
import { registerDataset } from "./commands/dataset.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerEval } from "./commands/eval.ts";
import { registerInspect } from "./commands/inspect.ts";
import { EXIT, sayFailure, tolerateClosedPipes } from "./output.ts";
import { registerPhantoms } from "./commands/phantoms.ts";
import { registerPredict } from "./commands/predict.ts";
import { registerPretrain } from "./commands/pretrain.ts";
import { registerProfile } from "./commands/profile.ts";
import { selfTest } from "./self-test.ts";
import { registerSetup } from "./commands/setup.ts";
import { registerStudy } from "./commands/study.ts";
import { registerTrain } from "./commands/train.ts";
import { registerTune } from "./commands/tune.ts";
import { registerVerify } from "./commands/verify.ts";

const COMMANDS: readonly ((program: Command) => void)[] = [
  registerSetup,
  (program) => registerDoctor(program, selfTest),
  registerStudy,
  registerPhantoms,
  registerDataset,
  registerAugment,
  registerPretrain,
  registerTrain,
  registerEval,
  registerPredict,
  registerInspect,
  registerBench,
  registerProfile,
  registerTune,
  registerVerify,
];

tolerateClosedPipes();
process.on("uncaughtException", (error) => {
  sayFailure(error);
  process.exit(EXIT.failed);
});

const program = new Command("striatum")
  .description(`${packageJson.description} For research and teaching, not for diagnosis.`)
  .version(packageJson.version)
  .exitOverride()
  .showHelpAfterError("(--help says what there is)")
  .addHelpText(
    "after",
    "\nExit codes: 0 done, 1 failed, 2 wrong usage, 75 checkpointed (run it again), 130 Ctrl-C. STRIATUM_DEBUG=1 shows stacks.",
  );
for (const register of COMMANDS) register(program);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has told its own errors; what a command finds wrong with its arguments only arrives here.
  if (!(error instanceof CommanderError) || error instanceof InvalidArgumentError) sayFailure(error);
  process.exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? EXIT.done : EXIT.usage) : EXIT.failed;
}
