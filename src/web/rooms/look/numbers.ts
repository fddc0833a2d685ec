// The inspector of Look: the arithmetic of one element, beside float64.
import { html, nothing, type TemplateResult } from "lit-html";
import type { LayerNode, Term, Terms } from "striatum/inspect";
import type { Page } from "../../shell/page.ts";
import { TEXT } from "./text.ts";
import { keysOf, shown, type View } from "./view.ts";
import type { ElementShown } from "./worker-part.ts";

/** The numbers of the element under the cursor. */
export function numbers(page: Page, view: View, found: ElementShown | null): TemplateResult {
  const { at, value, terms } = found ?? { at: null, value: NaN, terms: null };
  return html`
    <h2 class="look-where">${found ? where(view, found) : TEXT.computing}</h2>
    <p class="look-value number" data-at=${at ? `${at.channel},${at.row},${at.column}` : ""} data-value=${found ? value : ""}>
      ${found ? shown(value, 8) : "…"}
    </p>
    ${
      found && found.colours.length > 0
        ? html`<dl class="look-sums">
            ${found.colours.map(
              (weight, i) =>
                html`<dt>${TEXT.colours[i]}</dt>
                  <dd class="number">${shown(weight, 8)}</dd>`,
            )}
          </dl>`
        : nothing
    }
    ${terms ? arithmetic(page, terms) : found?.why ? html`<p class="quiet">${found.why}</p>` : nothing}
    ${view.pinned ? html`<p class="quiet">${TEXT.pinned}</p>` : nothing}
  `;
}

function where(view: View, { at: { channel, row, column }, colours }: ElementShown): string {
  if (view.tab !== "filter") return TEXT.cell(channel, row, column);
  return colours.length > 0 ? TEXT.colour(channel, row, column) : TEXT.weight(view.channel, channel, row, column);
}

function arithmetic(page: Page, terms: Terms): TemplateResult {
  const { how, window, value, exact, bound } = terms;
  const error = Math.abs(value - exact);
  const note = how === "largest" ? TEXT.paddingOfMaximum : TEXT.padding;
  return html`
    <p class="quiet">${terms.op}: ${wordsOf(terms)}</p>
    <table class="look-terms">
      <caption>
        ${TEXT.table}
      </caption>
      <thead>
        <tr>
          ${columnsOf(how).map((title, i) => html`<th scope="col" class=${i === 0 ? "" : "look-right"}>${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${terms.terms.map((term) => row(page, terms, term))} ${rest(terms)}
      </tbody>
    </table>
    ${window ? html`<p class="quiet">${note(window.padding)}</p>` : nothing}
    <dl class="look-sums" data-exact=${exact} data-value=${value} data-bound=${bound}>
      <dt>${TEXT.value}</dt>
      <dd class="number">${shown(value, 9)}</dd>
      <dt>${TEXT.exact}</dt>
      <dd class="number">${shown(exact, 12)}</dd>
      <dt>${TEXT.difference}</dt>
      <dd class="number">${shown(value - exact, 3)}</dd>
      <dt>${TEXT.bound}</dt>
      <dd class="number">${shown(bound, 3)}, ${error <= bound ? TEXT.within : TEXT.beyond}</dd>
    </dl>
  `;
}

function wordsOf({ op, how, bias }: Terms): string {
  if (op === "cropImages") return TEXT.arithmetic.sumAndMean;
  return how === "sum" && bias !== 0 ? TEXT.arithmetic.sumAndBias : TEXT.arithmetic[how];
}

function columnsOf(how: Terms["how"]): readonly string[] {
  const { from, value, weight, product, square, exponential } = TEXT.columns;
  if (how === "sum") return [from, value, weight, product];
  if (how === "normalised") return [from, value, square];
  if (how === "share") return [from, value, exponential];
  return [from, value];
}

function row(page: Page, { how, own }: Terms, term: Term): TemplateResult {
  const isOwn = own !== null && own.channel === term.channel && own.row === term.row && own.column === term.column;
  const cells =
    how === "sum"
      ? [term.value, term.weight, term.product]
      : how === "normalised" || how === "share"
        ? [term.value, term.product]
        : [term.value];
  return html`<tr class=${isOwn ? "look-own" : ""}>
    <th scope="row">${from(page, term)}</th>
    ${cells.map((value) => html`<td class="number look-right">${shown(value, 3)}</td>`)}
  </tr>`;
}

/** Where a term comes from: a link to it, if it is in a map of its own. */
function from(page: Page, { id, channel, row: at, column }: Term): TemplateResult {
  const text = html`${channel}<span class="quiet">, ${at}, ${column}</span>`;
  const [, kind, name] = /^(activation|gradient):(.*)$/s.exec(id ?? "") ?? [];
  if (name === undefined) return text;
  const keys = keysOf({ channel, pinned: { row: at, column }, tab: kind === "gradient" ? "gradient" : "activation" });
  return html`<a href=${page.link({ path: name, keys })} title=${name}>${text}</a>`;
}

function rest({ op, how, rest: { count, sum }, bias, sum: total, exponent, terms }: Terms): TemplateResult {
  const span = columnsOf(how).length - 1;
  const line = (title: string, value: number): TemplateResult =>
    html`<tr class="look-line">
      <th scope="row" colspan=${span}>${title}</th>
      <td class="number look-right">${shown(value, 4)}</td>
    </tr>`;
  // As many lines as a long list has, so that nothing moves under the cursor. A layer whose sums have one term has no longer ones.
  const empty = Array.from(
    { length: terms.length > 1 ? Math.max(0, 12 - terms.length) : 0 },
    () =>
      html`<tr class="look-empty">
        <td colspan=${span + 1}></td>
      </tr>`,
  );
  if (how === "largest" || how === "rectified") return html`${empty}`;
  return html`${empty} ${count > 0 ? line(TEXT.rest(count), sum) : nothing}
  ${bias !== 0 ? line(op === "cropImages" ? TEXT.lessMean : how === "normalised" ? TEXT.constant : how === "share" ? TEXT.label : TEXT.bias, bias) : nothing}
  ${line(how === "normalised" ? TEXT.scaleOf(exponent) : how === "share" ? TEXT.sumOfExponentials : TEXT.total, total)}`;
}

/** Op and attributes of a layer in a few words. */
export function described({ op, attributes }: LayerNode): string {
  const known = ["size", "stride", "pad", "alpha", "beta", "k", "ratio"].filter((name) => typeof attributes[name] === "number");
  return [op, ...known.map((name) => `${name} ${String(attributes[name])}`)].join(", ");
}
