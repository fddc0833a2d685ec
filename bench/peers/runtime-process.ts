// The driver's handle of an engine's process: starts it, runs one task at a time, ends it.
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Tasks } from "./runtime.ts";
import { decodeReply, encodeTask, type Task } from "./protocol.ts";
import type { Workload } from "./workload.ts";

const MAIN = fileURLToPath(new URL("runtime-main.ts", import.meta.url));
/** Limit for the slowest task, a peer's first training step: a minute or two on an idle software adapter. */
const PATIENCE_MS = 40 * 60_000;
/** Length of a crashed process's stderr in the error. */
const LAST_WORDS = 2000;

interface Waiting {
  readonly task: Task;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class RuntimeProcess {
  readonly name: string;
  /** Processor time of its process at its last reply. */
  cpuMs = 0;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #waiting: Waiting | null = null;
  #lastWords = "";
  #ended: string | null = null;

  constructor(name: string, workload: Workload) {
    this.name = name;
    this.#child = spawn(process.execPath, [...process.execArgv, MAIN, name, JSON.stringify(workload)], { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stderr.setEncoding("utf8");
    this.#child.stderr.on("data", (text: string) => (this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS)));
    this.#child.stdin.on("error", () => undefined); // "close" reports a process that ended
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#hear(line));
    this.#child.on("error", ({ message }) => this.#end(message));
    this.#child.on("close", (code, signal) => this.#end(`its process ended with ${signal ?? `exit code ${code}`}`));
  }

  /** Rejects with the engine's error, or with the exit of its process. One task at a time. */
  ask<T extends Task>(task: T): Promise<Tasks[T]> {
    if (this.#ended !== null) return Promise.reject(this.#death(this.#ended));
    if (this.#waiting) return Promise.reject(new Error(`internal: ${this.name} is still at "${this.#waiting.task}"`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#child.kill("SIGKILL");
        this.#end(`"${task}" took more than ${PATIENCE_MS / 60_000} minutes`);
      }, PATIENCE_MS);
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting = null;
      };
      this.#waiting = {
        task,
        resolve: (answer) => {
          done();
          resolve(answer as Tasks[T]);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      this.#child.stdin.write(encodeTask(task));
    });
  }

  /** Lets the process end by itself; kills it if it does not. */
  async close(): Promise<void> {
    if (this.#ended !== null) return;
    const closed = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.stdin.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 5000);
    await closed;
    clearTimeout(timer);
  }

  #hear(line: string): void {
    const reply = decodeReply(line);
    if (!reply || reply.task !== this.#waiting?.task) return;
    this.cpuMs = reply.cpuMs;
    if ("answer" in reply) this.#waiting.resolve(reply.answer);
    else this.#waiting.reject(new Error(reply.failure));
  }

  #end(how: string): void {
    this.#ended ??= how;
    this.#waiting?.reject(this.#death(this.#ended));
  }

  #death(how: string): Error {
    const words = this.#lastWords.trim();
    return new Error(`${this.name}: ${how}${words && `; its last output:\n${words}`}`);
  }
}
