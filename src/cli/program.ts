// The command line's commands. Each has a file of its own with its options and output.
import { Command, Option } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { registerAugment } from "./commands/augment.ts";
import { registerBench } from "./commands/bench.ts";
import { registerCompare } from "./commands/compare.ts";
import { registerDataset } from "./commands/dataset.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerEval } from "./commands/eval.ts";
import { registerInspect } from "./commands/inspect.ts";
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
import { registerView } from "./commands/view.ts";
import { registerWeights } from "./commands/weights.ts";
import { printable, silence } from "./output.ts";

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
  registerCompare,
  registerPredict,
  registerWeights,
  registerInspect,
  registerBench,
  registerProfile,
  registerTune,
  registerVerify,
  registerView,
];

/** The command line with all its commands, not run yet. */
export function createProgram(): Command {
  const program = new Command("striatum")
    .description(`${packageJson.description} For research and teaching, not for diagnosis.`)
    .version(packageJson.version)
    .configureOutput({ writeErr: (text) => void process.stderr.write(printable(text)) })
    .exitOverride()
    .showHelpAfterError("(--help lists commands and options)")
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 failed, 2 wrong usage, 75 checkpointed (run it again), 130 Ctrl-C. STRIATUM_DEBUG=1 shows stacks.",
    );
  for (const register of COMMANDS) register(program);
  addQuiet(program);
  return program;
}

/** To every command: options of the program would have to stand before the command's name, as the study's options have places. */
function addQuiet(command: Command): void {
  command.addOption(new Option("--quiet", "print results and errors only: no progress, no remarks")).on("option:quiet", silence);
  for (const each of command.commands) addQuiet(each);
}
