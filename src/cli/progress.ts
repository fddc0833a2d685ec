// Three renderers of one union of events: a terminal line, plain lines for logs, JSON Lines.
import type { AnyEvent } from "../platform/progress.ts";
import { inCI, isQuiet, printable } from "./output.ts";

export interface Progress {
  event(event: AnyEvent): void;
  /** Leaves the terminal's cursor at the start of an empty line. */
  end(): void;
}

/** Output and clock of a renderer; parameters, so that tests can control them. */
export interface Screen {
  write(text: string): void;
  nowMs(): number;
  /** Width of the terminal, in characters. */
  readonly columns?: number;
}

const REDRAW_MS = 100;
const PLAIN_STEP_MS = 10_000;
const CLEAR_LINE = "\r\u001b[2K";

/** One line redrawn at most ten times per second; epochs, notes and checkpoints stay above it. */
export function terminalProgress(screen: Screen): Progress {
  let line = "";
  let job = "";
  let drawnMs = Number.NEGATIVE_INFINITY;
  return {
    event(event) {
      if (event.kind === "job") {
        job = `${sentence(event)}  `;
        line = job.slice(0, (screen.columns ?? 80) - 1);
        screen.write(CLEAR_LINE + line);
      } else if (event.kind === "job-end") job = "";
      else if (isStage(event)) {
        if (screen.nowMs() - drawnMs < REDRAW_MS && !isLast(event)) return;
        drawnMs = screen.nowMs();
        line = (job + sentence(event)).slice(0, (screen.columns ?? 80) - 1);
        screen.write(CLEAR_LINE + line);
      } else screen.write(`${line && CLEAR_LINE}${sentence(event)}\n${line}`);
    },
    end() {
      if (line) screen.write("\n");
      line = "";
    },
  };
}

/** Plain lines, for logs: a step every ten seconds and the last one, every other event at once. */
export function plainProgress(screen: Screen): Progress {
  let writtenMs = screen.nowMs();
  return {
    event(event) {
      if (event.kind === "job-end") return;
      if (isStage(event)) {
        if (screen.nowMs() - writtenMs < PLAIN_STEP_MS && !isLast(event)) return;
        writtenMs = screen.nowMs();
      }
      screen.write(`${sentence(event)}\n`);
    },
    end: () => undefined,
  };
}

/** Every event as one line of JSON. */
export const jsonProgress = (screen: Screen): Progress => ({
  event: (event) => screen.write(`${printable(JSON.stringify(event))}\n`),
  end: () => undefined,
});

const noProgress: Progress = { event: () => undefined, end: () => undefined };

/** JSON Lines on stdout if asked for; else, on stderr and unless messages are left out, the terminal's line, or plain lines in CI and in a pipe. */
export function openProgress(options: { readonly json: boolean }): Progress {
  const to = (stream: NodeJS.WriteStream): Screen => ({
    write: (text) => void stream.write(text),
    nowMs: () => performance.now(),
    columns: stream.columns,
  });
  if (options.json) return jsonProgress(to(process.stdout));
  if (isQuiet()) return noProgress;
  return process.stderr.isTTY && !inCI() ? terminalProgress(to(process.stderr)) : plainProgress(to(process.stderr));
}

/** Less is not worth a line. */
const PATIENCE_MS = 2000;

/** Reports that cases are read, where that takes more than two seconds. */
export function caseProgress(progress: Progress, nowMs = () => performance.now()): (done: number, of: number) => void {
  const beganMs = nowMs();
  return (done, of) => {
    if (nowMs() - beganMs > PATIENCE_MS) progress.event({ kind: "cases", doing: "reading", done, of });
  };
}

type Stage = Extract<AnyEvent, { kind: "step" | "compile" | "cases" | "study" }>;

/** Events that take each other's place on a line. */
const isStage = (event: AnyEvent): event is Stage => ["step", "compile", "cases", "study"].includes(event.kind);

function isLast(event: Stage): boolean {
  if (event.kind === "step") return event.step === event.of;
  return (event.kind === "compile" ? event.kernels : event.done) === event.of;
}

/** Names in it come from strangers' files. */
const sentence = (event: Exclude<AnyEvent, { kind: "job-end" }>): string => printable(wordsOf(event));

function wordsOf(event: Exclude<AnyEvent, { kind: "job-end" }>): string {
  switch (event.kind) {
    case "note":
      return event.text;
    case "job":
      return `[${event.job}/${event.of}] ${event.name}`;
    case "cases":
      return `${event.doing ?? "drawing"} cases: ${event.done} of ${event.of}`;
    case "study": {
      const running = event.running.map(({ name, share }) => `${name} ${Math.round(100 * share)} %`);
      return [`${event.done} of ${event.of} jobs`, ...running, ...(event.etaS === null ? [] : [`${clock(event.etaS)} left`])].join("  ");
    }
    case "compile":
      return `compiling kernels: ${event.kernels} of ${event.of}`;
    case "step":
      return (
        `step ${String(event.step).padStart(String(event.of).length)}/${event.of}  loss ${event.loss.toPrecision(4)}  ` +
        `${event.imagesPerSecond.toPrecision(3)} images/s  ${clock(event.etaS)} left`
      );
    case "epoch": {
      const metrics = Object.entries(event.metrics).map(([name, value]) => `  ${name} ${value.toPrecision(4)}`);
      return `epoch ${event.epoch}/${event.of}${metrics.join("")}`;
    }
    default:
      return `checkpoint at step ${event.step}: ${event.path}`;
  }
}

/** 75 -> "1:15", 4000 -> "1:06:40". */
function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return "?";
  const whole = Math.round(seconds);
  const two = (n: number): string => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}
