// A chain of kills: a program is killed at drawn moments and run again until it has done its work. Its files must then be those of a run that nothing
// disturbed, bit by bit.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Draws } from "../fuzz/draws.ts";
import { run, type Moment, type Victims } from "./killing.ts";

/** A program whose work is interrupted. */
export interface Subject {
  readonly name: string;
  /** What Node is given to begin, and to go on with what is in the folder. */
  readonly command: (out: string) => readonly string[];
  /** Several processes, one of which started the others. */
  readonly processes: 1 | 2;
  /** Files that contain times, which two undisturbed runs do not have in common either. */
  readonly differs: RegExp;
  /** Files of which the last of each folder is compared: a process that outlives another stops where it is, with a checkpoint more than an undisturbed run. */
  readonly lastOfFolder?: RegExp;
}

export interface Reference {
  readonly out: string;
  readonly ms: number;
  readonly changes: number;
}

export interface ChainResult {
  readonly kills: number;
  /** The first of several files that are not the reference's, or what the last run said. Null: nothing is lost. */
  readonly lost: string | null;
}

/** Exit code of a program that can be tried again. */
const TRY_AGAIN = 75;
const MOST_TRIES = 10;

/** Runs the program undisturbed. */
export async function reference({ command }: Subject, out: string): Promise<Reference> {
  const { code, ms, changes, output } = await run(command(out), { folder: out });
  if (code !== 0) throw new Error(`${out}: the undisturbed run ended with ${code}: ${output}`);
  return { out, ms, changes };
}

export interface ChainOptions {
  readonly out: string;
  /** Kills at most. */
  readonly kills: number;
  readonly draws: Draws;
  readonly known: Reference;
  /** Default: a time within the undisturbed run's, or a change of names within its number of changes. */
  readonly moment?: () => Moment;
}

/** Kills the program, runs it to its end, and compares. The folder is removed where nothing is lost. */
export async function chain(subject: Subject, options: ChainOptions): Promise<ChainResult> {
  const { out, kills: wanted, draws, known } = options;
  const drawn = (): Moment =>
    draws.chance(0.5) ? { afterMs: (draws.below(1000) / 1000) * known.ms } : { atChange: 1 + draws.below(known.changes) };
  const { moment = drawn } = options;
  let kills = 0;
  for (let tries = 0; tries < wanted + MOST_TRIES; tries++) {
    const victims: Victims = subject.processes === 1 || draws.chance(0.6) ? "all" : draws.pick(["first", "other"]);
    const ended = await run(subject.command(out), kills < wanted ? { folder: out, moment: moment(), victims } : {});
    if (ended.killed > 0) kills++;
    else if (ended.code === 0) {
      const lost = difference(subject, known.out, out);
      if (lost === null) rmSync(out, { recursive: true });
      return { kills, lost };
    } else if (ended.code !== TRY_AGAIN) return { kills, lost: `exit code ${ended.code}: ${ended.output.trim()}` };
  }
  return { kills, lost: `${MOST_TRIES} undisturbed runs did not end the work` };
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();

/** Names without those that another of the kind follows in their folder. */
const withoutEarlier = (names: readonly string[], kind: RegExp): string[] =>
  names.filter(
    (name, i) => !(kind.test(name) && i + 1 < names.length && kind.test(names[i + 1]) && dirname(names[i + 1]) === dirname(name)),
  );

function difference({ differs, lastOfFolder }: Subject, wanted: string, found: string): string | null {
  const [names, others] = [wanted, found].map((folder) => (lastOfFolder ? withoutEarlier(filesIn(folder), lastOfFolder) : filesIn(folder)));
  const missing = names.filter((name) => !others.includes(name));
  if (missing.length > 0) return `missing: ${missing.join(", ")}`;
  const added = others.filter((name) => !names.includes(name));
  if (added.length > 0) return `left behind: ${added.join(", ")}`;
  const other = names.filter((name) => !differs.test(name) && !readFileSync(join(wanted, name)).equals(readFileSync(join(found, name))));
  return other.length > 0 ? `other bits: ${other.join(", ")}` : null;
}
