// striatum: the command line. A table of commands; each has its own file, which says what it takes and prints.
import { Command, CommanderError, InvalidArgumentError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { registerAugment } from "./augment.ts";
import { registerBench } from "./bench.ts";
import { registerDataset } from "./dataset.ts";
import { registerDoctor } from "./doctor.ts";
import { registerEval } from "./eval.ts";
import { registerInspect } from "./inspect.ts";
import { EXIT, sayFailure, tolerateClosedPipes } from "./output.ts";
import { registerPhantoms } from "./phantoms.ts";
import { registerPredict } from "./predict.ts";
import { registerPretrain } from "./pretrain.ts";
import { registerProfile } from "./profile.ts";
import { selfTest } from "./self-test.ts";
import { registerSetup } from "./setup.ts";
import { registerStudy } from "./study.ts";
import { registerTrain } from "./train.ts";
import { registerTune } from "./tune.ts";
import { registerVerify } from "./verify.ts";

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
