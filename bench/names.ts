// Lists of names on the command line of a bench.
import { InvalidArgumentError } from "commander";

/** Parses names with commas between them. Throws at one that is not among `names`. */
export const namesOf =
  (what: string, names: readonly string[]) =>
  (text: string): readonly string[] => {
    const wanted = text.split(",").map((name) => name.trim());
    const unknown = wanted.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new InvalidArgumentError(`there is no ${what} "${unknown}": choose from ${names.join(", ")}.`);
    return wanted;
  };
