// Two texts as their changes.
import { html, nothing, type TemplateResult } from "lit-html";
import { diff, hunksOf, type DiffLine } from "./diff.ts";
import { TEXT } from "./text.ts";

const SIGNS = { same: " ", gone: "−", new: "+" } as const;

/** What differs from one text to the other. */
export function diffView(before: string, after: string): TemplateResult {
  const lines = diff(before, after);
  const count = (of: DiffLine["kind"]): number => lines.filter(({ kind }) => kind === of).length;
  const hunks = hunksOf(lines);
  return html`
    <p class="quiet">${TEXT.changes(count("gone"), count("new"), count("same"))}</p>
    ${
      hunks.length > 0
        ? html`<div class="code diff" tabindex="0" role="region" aria-label=${TEXT.difference}>
            ${hunks.map((hunk) => html`<pre>${hunk.map(({ kind, text }) => html`<span data-kind=${kind}>${`${SIGNS[kind]} ${text}\n`}</span>`)}</pre>`)}
          </div>`
        : nothing
    }
  `;
}
