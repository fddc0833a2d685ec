// Ctrl-C and a scheduler's signals: the first asks the job to save what it has and stop, a second Ctrl-C stops at once.
import { EXIT, say } from "./output.ts";

export interface Interruption {
  /** Aborted by the first signal; the job then saves what it has and returns. */
  readonly signal: AbortSignal;
  /** 130 after Ctrl-C, 75 (try again) after a scheduler's SIGTERM or SIGUSR1, 0 if nothing came. */
  exitCode(): number;
  dispose(): void;
}

/** Listens until disposed. `first` says what the job does before it stops. */
export function listenForInterruption(first = "writing a checkpoint"): Interruption {
  const controller = new AbortController();
  let code: number = EXIT.done;
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      if (name === "SIGINT") process.exit(EXIT.interrupted);
      return;
    }
    code = name === "SIGINT" ? EXIT.interrupted : EXIT.tryAgain;
    say(`${name}: ${first}, then stopping${name === "SIGINT" ? "; press again to stop at once, without it" : ""}`);
    controller.abort();
  };
  const names: NodeJS.Signals[] = process.platform === "win32" ? ["SIGINT"] : ["SIGINT", "SIGTERM", "SIGUSR1"];
  for (const name of names) process.on(name, stop);
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose: () => names.forEach((name) => process.off(name, stop)),
  };
}
