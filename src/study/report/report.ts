// The report of a study: one HTML file that stands alone. No script is needed to read it and nothing is fetched; the data it was drawn from lie
// inside it as JSON.
import { calibration, learning, robustness } from "./behaviour.ts";
import { checklists } from "./checklist.ts";
import { contentPolicy } from "./content-policy.ts";
import { claims, effort, limits, power } from "./discussion.ts";
import { augmentation, failures } from "./evidence.ts";
import { cases, header, protocol, question, reportTitle } from "./front.ts";
import { external } from "./external.ts";
import { html, raw, table, type Html } from "./html.ts";
import type { ReportInput } from "./input.ts";
import { openPage, statement, type Page, type Section } from "./page.ts";
import { comparisons, thresholds } from "./comparisons.ts";
import { models, roc } from "./results.ts";
import { shortcuts } from "./shortcuts.ts";
import { STYLE } from "./style.ts";

/** Where the data lie in the page: the text of `<script type="application/json" id="...">`. */
const DATA_ID = "study-data";

/**
 * The whole page as text. Equal inputs give equal pages. Loads Plot and the PNG writer on demand. Throws where the input names a model that
 * the analysis lacks, or holds a number that cannot be printed.
 */
export async function renderReport(input: ReportInput): Promise<string> {
  const [plot, { encode }] = await Promise.all([import("@observablehq/plot"), import("fast-png")]);
  const page = openPage(input, plot, encode);
  const parts = [
    question,
    cases,
    protocol,
    models,
    roc,
    comparisons,
    thresholds,
    calibration,
    learning,
    robustness,
    shortcuts,
    external,
    failures,
    augmentation,
  ];
  const sections = [...parts, claims, power, effort, limits].flatMap((part) => part(page) ?? []);
  const titles = new Map([["top", "Title"], ["in-brief", "In brief"], ...sections.map(({ id, title }) => [id, title] as const)]);
  sections.push(checklists(page, titles), again(page));
  const contents = sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li> `);
  const body = html`${header(page)}
    <nav class="contents" aria-label="Contents">
      <p>Contents</p>
      <ol>
        ${contents}
      </ol>
    </nav>
    <main id="main">
      ${sections.map(
        ({ id, title, body }) =>
          html`<section id="${id}" aria-labelledby="${id}-title">
            <h2 id="${id}-title">${title}</h2>
            ${body}
          </section> `,
      )}
    </main>
    <footer>${statement(input)}</footer>`;
  const text = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${reportTitle(page)}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the report</a>
        <div class="page" id="top">${raw(withNumbers(body.html))}</div>
        <script type="application/json" id="${DATA_ID}">
          ${raw(dataOf(input))}
        </script>
      </body>
    </html> `.html;
  return text.replace("</title>", `</title>\n        <meta http-equiv="Content-Security-Policy" content="${contentPolicy(text)}" />`);
}

/** Tables and figures are numbered as they come. */
function withNumbers(body: string): string {
  const next = { Table: 1, Figure: 1 };
  return body.replace(/<b>(Table|Figure)\.<\/b>/g, (_, kind: "Table" | "Figure") => `<b>${kind} ${next[kind]++}.</b>`);
}

/** What the report was drawn from, but its pictures. No "<" is left in it that could end the script. */
function dataOf({ protocol, analysis, scores, cases, external, shortcuts, runs, machine, provenance }: ReportInput): string {
  return JSON.stringify({ protocol, analysis, scores, cases, external, shortcuts, runs, machine, provenance }).replaceAll("<", "\\u003c");
}

function again({ input, analysis }: Page): Section {
  const { version, commit, hashes, commands } = input.provenance;
  return {
    id: "again",
    title: "How to run it again",
    body: html`<p>
        The same source, protocol and cases on the same adapter and runtime give the same bits. On another adapter sums are taken in another
        order: scores then differ in their last digits, and training may reach other weights.
      </p>
      <pre>${commands.join("\n")}</pre>
      ${table({
        caption: html`<b>Table.</b> What identifies this study.`,
        columns: [{ title: "what" }, { title: "value" }],
        rows: [
          ["version", version],
          ["commit", commit === null ? "not known" : code(commit)],
          ["seeds", analysis.seeds.map(({ seed }) => seed).join(", ")],
          ...hashes.map(({ name, sha256 }) => [name, code(sha256)]),
          ...input.runs.map(({ model, seed, weights }) => [`weights of ${model}, seed ${seed}`, code(weights)]),
        ],
      })}
      <p>
        The numbers of this page are also in it, as JSON (element <code>${DATA_ID}</code>), and beside it: <code>results.json</code>,
        <code>tables/</code> (CSV) and <code>cards/</code> (one card per model). Each run’s folder holds its metrics, TensorBoard events and
        weights.
      </p>`,
  };
}

const code = (text: string): Html => html`<code>${text}</code>`;
