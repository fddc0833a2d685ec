// Code in colours, with the file and line that each line comes from. Elements are made once for a text, since a template of thousands of pieces is compared again
// with each change of the page; what is folded is made when it is opened.
import { passagesOf, type Passage, type ReadableKernel, type ReadableLine } from "./readable.ts";
import { TEXT } from "./text.ts";
import type { Token } from "./worker-part.ts";

/** A kernel to be shown. */
export interface ShownKernel {
  readonly name: string;
  readonly file: string;
  readonly slots: Readonly<Record<string, string>>;
  readonly readable: ReadableKernel;
  /** By line; none while they are made. */
  readonly tokens: readonly (readonly Token[])[] | null;
}

/** Other code to be shown: a definition. */
export interface ShownSource {
  readonly file: string;
  readonly text: string;
  readonly tokens: readonly (readonly Token[])[] | null;
}

const made = new WeakMap<object, HTMLElement>();

/** The element of a text, made at the first call. */
function once(of: object, make: () => HTMLElement): HTMLElement {
  const known = made.get(of) ?? make();
  made.set(of, known);
  return known;
}

/** A linked kernel: the file itself and what fills its slots open, what it includes folded. */
export const kernelView = (kernel: ShownKernel): HTMLElement =>
  once(kernel, () => {
    const { name, file, slots, readable, tokens } = kernel;
    const slotOf = new Map(Object.entries(slots).map(([slot, of]) => [of, slot]));
    return region(
      TEXT.codeOf(name),
      passagesOf(readable.lines).map((passage) => {
        const slot = slotOf.get(passage.file);
        const isOpen = passage.file === file || slot !== undefined;
        const notes = [
          TEXT.lines(passage.lines.length),
          ...(passage.file === file ? [] : [slot === undefined ? TEXT.included : TEXT.slot(slot)]),
        ];
        return passageView(passage, { notes: notes.join(", "), isOpen, tokens });
      }),
    );
  });

/** A definition. */
export const sourceView = (source: ShownSource): HTMLElement =>
  once(source, () => {
    const { file, text, tokens } = source;
    const title = element("p", "code-file", [element("code", "", [file])]);
    const lines = tokens ? tokens.flatMap((line) => [...line.map(piece), "\n"]) : [text];
    return region(TEXT.definition, [title, element("pre", "", lines)]);
  });

interface PassageOptions {
  readonly notes: string;
  readonly isOpen: boolean;
  readonly tokens: ShownKernel["tokens"];
}

function passageView({ file, first, lines }: Passage, { notes, isOpen, tokens }: PassageOptions): HTMLElement {
  const details = document.createElement("details");
  details.append(element("summary", "", [element("code", "", [file]), " ", element("span", "quiet", [notes])]));
  const fill = (): void => {
    if (details.childElementCount === 1)
      details.append(
        element(
          "pre",
          "",
          lines.map((line, i) => lineView(line, tokens?.[first + i])),
        ),
      );
  };
  if (isOpen) fill();
  else details.addEventListener("toggle", fill);
  details.open = isOpen;
  return details;
}

function lineView({ text, line, isParameter }: ReadableLine, tokens: readonly Token[] | undefined): HTMLElement {
  const made = element("span", "code-line", tokens ? tokens.map(piece) : [text]);
  made.dataset["line"] = String(line);
  if (isParameter) made.dataset["tag"] = TEXT.parameter;
  return made;
}

const piece = ([text, kind]: Token): Node | string =>
  kind === "plain" || kind === "foreground" ? text : element("span", `code-${kind}`, [text]);

function region(label: string, children: readonly Node[]): HTMLElement {
  const made = element("div", "code", children);
  made.tabIndex = 0;
  made.setAttribute("role", "region");
  made.setAttribute("aria-label", label);
  return made;
}

function element(tag: string, name: string, children: readonly (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.append(...children);
  return made;
}
