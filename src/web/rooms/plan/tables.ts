// The tables behind the charts of Plan.
import { html, type TemplateResult } from "lit-html";
import { bytesText, flopsText, timeText } from "./format.ts";
import { TEXT } from "./text.ts";
import type { Launch, Measured, Plan } from "./worker-part.ts";

interface Column {
  readonly title: string;
  /** Set to the right, in figures. */
  readonly number?: boolean;
}

type Cell = string | number | TemplateResult;

/** A table that scrolls by itself where it is wider than the page. The first cell of a row names it. */
export const table = (label: string, columns: readonly Column[], rows: readonly (readonly Cell[])[]): TemplateResult => html`
  <div class="wide" role="region" aria-label=${label} tabindex="0">
    <table>
      <thead>
        <tr>
          ${columns.map(({ title, number }) => html`<th scope="col" class=${number ? "figure" : ""}>${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([first, ...others]) =>
            html`<tr>
              <th scope="row">${first}</th>
              ${others.map((cell, i) => html`<td class=${columns[i + 1].number ? "figure number" : ""}>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>
`;

const columnsOf = (titles: readonly string[], words: number): Column[] => titles.map((title, i) => ({ title, number: i >= words }));

export const launchTable = ({ launches }: Plan, measured: Measured | null, hrefOf: (launch: Launch) => string): TemplateResult =>
  table(
    TEXT.timeLine,
    columnsOf(TEXT.launchColumns, 2),
    launches.map((launch, i) => [
      html`<a href=${hrefOf(launch)}>${launch.id}</a>`,
      launch.kernel,
      launch.workgroups.join(" × "),
      flopsText(launch.flops),
      bytesText(launch.bytes),
      measured?.launches ? timeText(measured.launches[i]) : "",
    ]),
  );

export const valueTable = ({ values, launches }: Plan): TemplateResult =>
  table(
    TEXT.memory,
    columnsOf(TEXT.valueColumns, 1),
    values.map(({ name, arena, offset, bytes, from, to }) => [name, arena, offset, bytes, launches[from].id, launches[to].id]),
  );
