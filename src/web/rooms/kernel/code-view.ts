// Code in colours, with the file and line that each line comes from.
import { html, nothing, type TemplateResult } from "lit-html";
import { passagesOf, type ReadableKernel, type ReadableLine } from "./readable.ts";
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

/** A linked kernel: the file itself open, what it includes folded. */
export function kernelView({ name, file, slots, readable, tokens }: ShownKernel): TemplateResult {
  const slotOf = new Map(Object.entries(slots).map(([slot, of]) => [of, slot]));
  return html`<div class="code" tabindex="0" role="region" aria-label=${TEXT.codeOf(name)}>
    ${passagesOf(readable.lines).map(
      (passage) =>
        html`<details ?open=${passage.file === file || slotOf.has(passage.file)}>
          <summary>
            <code>${passage.file}</code>
            <span class="quiet"
              >${TEXT.lines(passage.lines.length)}${
                passage.file === file
                  ? nothing
                  : html`, ${slotOf.has(passage.file) ? TEXT.slot(slotOf.get(passage.file) as string) : TEXT.included}`
              }</span
            >
          </summary>
          <pre>${passage.lines.map((line, i) => lineView(line, tokens?.[passage.first + i]))}</pre>
        </details>`,
    )}
  </div>`;
}

const lineView = ({ text, line, isParameter }: ReadableLine, tokens: readonly Token[] | undefined): TemplateResult =>
  html`<span class="code-line" data-line=${line} data-tag=${isParameter ? TEXT.parameter : nothing}
    >${tokens ? tokens.map(tokenView) : text}</span
  >`;

const tokenView = ([text, kind]: Token): TemplateResult | string =>
  kind === "plain" || kind === "foreground" ? text : html`<span class="code-${kind}">${text}</span>`;

/** Other code: a definition. */
export const sourceView = (label: string, file: string, code: string, tokens: readonly (readonly Token[])[] | null): TemplateResult =>
  html`<div class="code" tabindex="0" role="region" aria-label=${label}>
    <p class="code-file"><code>${file}</code></p>
    <pre>${tokens ? tokens.map((line) => html`${line.map(tokenView)}${"\n"}`) : code}</pre>
  </div>`;
