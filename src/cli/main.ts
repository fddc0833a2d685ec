// striatum: the command line. Runs the command that it is given, and turns failures into a sentence and an exit code.
import { CommanderError, InvalidArgumentError } from "commander";
import { TryAgain } from "../platform/try-again.ts";
import { EXIT, sayFailure, tolerateClosedPipes } from "./output.ts";
import { createProgram } from "./program.ts";

tolerateClosedPipes();
process.on("uncaughtException", (error) => {
  sayFailure(error);
  process.exit(EXIT.failed);
});

try {
  await createProgram().parseAsync();
} catch (error) {
  // Commander prints its own errors; what a command finds wrong with its arguments only arrives here.
  if (!(error instanceof CommanderError) || error instanceof InvalidArgumentError) sayFailure(error);
  process.exitCode =
    error instanceof CommanderError
      ? error.exitCode === 0
        ? EXIT.done
        : EXIT.usage
      : error instanceof TryAgain
        ? EXIT.tryAgain
        : EXIT.failed;
}
