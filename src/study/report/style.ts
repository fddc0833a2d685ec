// The look of the report: one column to read, tables and figures in a plainer face, a contents list beside it where there is room, and rules
// for paper. System fonts alone: nothing is fetched.

export const STYLE = `
:root { --ink: #1d2430; --muted: #56606e; --line: #d7dade; --wash: #f4f6f8; --accent: #0b4f86; --warn: #8a3206; --warn-wash: #fdf3ec; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; color: var(--ink); background: #fff; font: 1.0625rem/1.6 Charter, "Bitstream Charter", "Source Serif 4", Cambria, Georgia, "Liberation Serif", serif; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
:focus-visible { outline: 3px solid #f0a500; outline-offset: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: #fff; padding: .5rem 1rem; }
.page { max-width: 78rem; margin: 0 auto; padding: 0 1.5rem 4rem; display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 3rem; }
header, main, footer { min-width: 0; max-width: 55rem; width: 100%; }
nav, table, figure, .kicker, .facts, .flow, .badge, .notes, .statement, .cards, dl, pre, code { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
h1, h2, h3, h4 { line-height: 1.2; text-wrap: balance; font-weight: 650; }
h1 { font-size: clamp(1.45rem, 3vw, 1.9rem); margin: .4rem 0 1.2rem; letter-spacing: -.01em; }
h2 { font-size: 1.6rem; margin: 3.6rem 0 1rem; padding-top: 1rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
h4 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p, ul, ol { margin: 0 0 1rem; max-width: 44rem; }
li { margin-bottom: .3rem; }
.kicker { color: var(--muted); font-size: .875rem; letter-spacing: .02em; margin: 2.5rem 0 0; }
.statement { border-left: 6px solid var(--warn); background: var(--warn-wash); padding: .8rem 1.1rem; margin: 1.2rem 0; font-size: .975rem; max-width: none; }
.statement p { margin: 0; max-width: none; }
.statement p + p { margin-top: .35rem; }
.lead { margin: 1.4rem 0; }
.lead h2 { border: 0; margin: 0 0 .5rem; padding: 0; font-size: 1.3rem; }
.lead ul { padding-left: 1.2rem; max-width: none; }
.lead li { margin-bottom: .5rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1px; background: var(--line); border: 1px solid var(--line); margin: 1.6rem 0; }
.facts div { background: #fff; padding: .8rem 1rem; display: flex; flex-direction: column-reverse; justify-content: flex-end; }
.facts dt { color: var(--muted); font-size: .8125rem; line-height: 1.35; }
.facts dd { margin: 0; font-size: 1.6rem; font-weight: 650; line-height: 1.25; font-variant-numeric: tabular-nums; }
.abstract { background: var(--wash); padding: 1.1rem 1.4rem .3rem; margin: 1.6rem 0; }
.abstract p { max-width: none; }
.contents ol { list-style: none; margin: 0; padding: 0; }
.contents li { margin: 0; }
.contents a { display: block; color: var(--muted); text-decoration: none; font-size: .875rem; line-height: 1.3; padding: .28rem .7rem; border-left: 2px solid var(--line); }
.contents a:hover { color: var(--ink); border-color: var(--ink); }
.contents p { font-size: .8125rem; color: var(--muted); margin: 0 0 .4rem; }
.table { margin: 1.4rem 0 1.8rem; }
.scroller { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; line-height: 1.4; }
caption, figcaption { text-align: left; font-size: .9rem; line-height: 1.45; color: var(--ink); padding-bottom: .5rem; }
figcaption { padding: .5rem 0 0; }
caption span { display: block; position: sticky; left: 0; max-width: calc(100vw - 2rem); }
caption b, figcaption b { font-weight: 650; }
thead th { border-bottom: 1.5px solid var(--ink); border-top: 1.5px solid var(--ink); vertical-align: bottom; font-weight: 650; }
th, td { padding: .4rem .65rem; text-align: left; vertical-align: top; }
th:first-child, td:first-child { padding-left: 0; }
tbody th { font-weight: 500; min-width: 4.5rem; }
.plain tbody th { min-width: 11.5rem; }
.named tbody th { min-width: 9rem; }
.matrix tbody th, .checklist tbody th { min-width: 0; }
tbody tr { border-bottom: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
.reason { white-space: normal; min-width: 9rem; display: inline-block; max-width: 13rem; text-align: left; color: var(--muted); }
.notes { color: var(--muted); font-size: .8125rem; line-height: 1.45; margin: .5rem 0 0; max-width: none; }
.notes + p { margin-top: 1rem; }
.swatch { display: inline-block; width: .7em; height: .7em; border-radius: 50%; border: 2.5px solid var(--of); margin-right: .45em; vertical-align: -.02em; }
.swatch.filled { background: var(--of); }
.swatch.square { border-radius: 0; }
.muted { color: var(--muted); }
.badge { display: inline-block; font-size: .75rem; font-weight: 600; line-height: 1.5; padding: 0 .5em; border-radius: 3px; border: 1px solid currentColor; white-space: nowrap; }
.badge.ours { color: var(--warn); background: var(--warn-wash); }
.badge.paper { color: #0b4f86; background: #eef5fb; }
.badge.other { color: #4b5563; background: var(--wash); }
.badge.bad { color: #8a3206; background: var(--warn-wash); }
.badge.good { color: #14603a; background: #edf7f1; }
figure { margin: 1.6rem 0 2rem; }
figure svg { max-width: 100%; height: auto; }
.wide { overflow-x: auto; }
.wide svg { display: block; width: 100%; max-width: 40rem; }
.wide.map svg { width: auto; max-width: none; }
.multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(11.5rem, 1fr)); gap: 1.4rem 1rem; }
.multiples h3 { font-size: .8125rem; line-height: 1.35; margin: 0 0 .35rem; font-weight: 600; text-wrap: pretty; }
.multiples .under { font-size: .8125rem; line-height: 1.4; color: var(--muted); margin: .25rem 0 0; }
.multiples svg { display: block; width: 100%; max-width: 17rem; overflow: visible; }
.flow { list-style: none; padding: 0; margin: 1.4rem 0 0; max-width: none; font-size: .9rem; line-height: 1.4; }
.flow > li { position: relative; margin: 0; padding-bottom: 2rem; display: grid; grid-template-columns: minmax(0, 18rem) minmax(0, 1fr); gap: 0 2.5rem; align-items: center; }
.flow > li:last-child { padding-bottom: 0; display: block; }
.box { border: 1.5px solid var(--ink); padding: .6rem .9rem; text-align: center; }
.box b { font-size: 1.05rem; }
.flow > li:not(:last-child)::after { content: "\\2193"; position: absolute; left: 9rem; bottom: .05rem; font-size: 1.25rem; line-height: 1.5; transform: translateX(-50%); }
.left-out { position: relative; border: 1px dashed var(--muted); padding: .5rem .9rem; color: var(--muted); }
.left-out::before { content: "\\2192"; position: absolute; left: -2rem; top: 50%; transform: translateY(-50%); color: var(--ink); font-size: 1.25rem; }
.left-out ul { margin: 0; padding: 0; list-style: none; }
.left-out li { margin: 0; }
.splits { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1rem; padding: 0; list-style: none; max-width: none; margin: 0; }
.splits ul { list-style: none; margin: .3rem 0 0; padding: 0; font-size: .85rem; color: var(--muted); }
.splits li li { margin: 0; }
.matrix table { font-size: .8125rem; }
.matrix th, .matrix td { text-align: center; padding: .35rem .4rem; white-space: nowrap; }
.matrix tbody th { text-align: left; white-space: nowrap; }
.matrix td.clear { background: #dbe9f6; font-weight: 600; }
.matrix td.self { background: var(--wash); color: var(--muted); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1.4rem 1.2rem; list-style: none; padding: 0; margin: 1rem 0 2rem; max-width: none; }
.cards.compact { grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .9rem .8rem; }
.compact .card { padding: .45rem; font-size: .75rem; }
.card { border: 1px solid var(--line); padding: .7rem; margin: 0; font-size: .8125rem; line-height: 1.45; break-inside: avoid; }
.views { display: grid; grid-template-columns: repeat(3, 1fr); gap: 4px; margin-bottom: .55rem; }
.compact .views { grid-template-columns: repeat(2, 1fr); }
.slice { width: 100%; aspect-ratio: 1; display: block; background: #000; }
.slice.pixels image { image-rendering: pixelated; }
.slice path { fill: none; stroke-linecap: round; stroke-linejoin: round; }
.slice .blood { stroke: #35d07f; }
.slice .peak { stroke: #fff; }
.slice .peak-edge { stroke: #000; }
.slice text { fill: #ffd54d; font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; font-weight: 600; }
.views .none { margin: 0; color: var(--muted); align-self: center; text-align: center; }
.sheet img { width: 100%; aspect-ratio: 1; display: block; background: #000; }
.card p { margin: 0; }
.pair { white-space: nowrap; }
@media (min-width: 52rem) { .cards:not(.compact) { grid-template-columns: minmax(0, 1fr); } .cards:not(.compact) .card { display: grid; grid-template-columns: minmax(0, 1fr) 12.5rem; gap: 1rem; } .cards:not(.compact) .views { margin: 0; } }
.card p + p { margin-top: .15rem; }
details.gallery { border: 1px solid var(--line); margin: .6rem 0; padding: 0 .9rem; }
details.gallery[open] { padding-bottom: .6rem; }
summary { cursor: pointer; padding: .6rem 0; font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; font-size: .9rem; line-height: 1.4; }
h5 { font-size: .9rem; margin: 1.1rem 0 .3rem; font-weight: 650; }
.wrong { color: #8a3206; font-weight: 650; white-space: nowrap; }
details caption span { max-width: calc(100vw - 4.2rem); }
.cases table { font-size: .8125rem; }
.cases tbody th { min-width: 2.5rem; }
.cases th, .cases td { padding: .25rem .4rem; }
.halves { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; }
.halves svg { width: 100%; max-width: 27rem; overflow: visible; }
abbr[title] { text-decoration: none; white-space: nowrap; }
.heat { display: inline-block; width: 9rem; height: .8rem; border: 1px solid var(--line); vertical-align: -.1rem; background: linear-gradient(to right, #777, #726676 25%, #8d626c 50%, #b68241 75%, #cdcf94); }
.checklist td:nth-child(3) { min-width: 8.5rem; }
.sheet { display: grid; grid-template-columns: repeat(8, 1fr); gap: .5rem .35rem; list-style: none; padding: 0; margin: 1rem 0 .5rem; max-width: none; }
.sheet li { margin: 0; font: .6875rem/1.25 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; color: var(--muted); }
.sheet span { display: block; padding-top: .15rem; }
pre { background: var(--wash); padding: .9rem 1.1rem; overflow-x: auto; font: .85rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
@media (min-width: 72rem) {
  .page { grid-template-columns: 13rem minmax(0, 55rem); }
  .contents { position: sticky; top: 2.5rem; align-self: start; max-height: calc(100vh - 4rem); overflow-y: auto; grid-column: 1; grid-row: 1 / span 3; margin-top: 2.5rem; }
  header, main, footer { grid-column: 2; }
}
@media (max-width: 40rem) {
  body { font-size: 1rem; }
  .page { padding: 0 1rem 3rem; }
  h2 { margin-top: 2.6rem; }
  .multiples { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.2rem .7rem; }
  .flow > li { grid-template-columns: minmax(0, 1fr); gap: .6rem; }
  .flow > li:not(:last-child)::after { left: 50%; }
  .left-out::before { content: none; }
  .splits { grid-template-columns: minmax(0, 1fr); }
  .cards { grid-template-columns: minmax(0, 1fr); }
  .cards.compact { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .scroller tbody th, .scroller thead th:first-child { position: sticky; left: 0; background: #fff; }
  tbody th { min-width: 4.5rem; }
  .plain tbody th, .named tbody th { min-width: 8rem; }
  table { font-size: .8125rem; }
  th, td { padding: .35rem .35rem; }
  .table.plain tbody th { min-width: 6rem; }
  .sheet { grid-template-columns: repeat(4, 1fr); }
}
@page { size: A4; margin: 17mm 16mm 19mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #56606e; } @bottom-left { content: "Research and teaching only. Not for diagnosis."; font: 8pt sans-serif; color: #56606e; } }
@media print {
  html { font-size: 11.5px; }
  body { font-size: 9.6pt; line-height: 1.42; }
  .page { display: block; padding: 0; max-width: none; }
  header, main, footer { max-width: none; }
  .contents, .skip { display: none; }
  a { color: inherit; text-decoration: none; }
  h1 { font-size: 21pt; }
  h2 { font-size: 15pt; margin-top: 22pt; }
  h3 { font-size: 12pt; margin-top: 14pt; }
  h2, h3, h4, caption { break-after: avoid; }
  p, ul, ol { max-width: 62rem; }
  p, li { orphans: 3; widows: 3; }
  figure, .table.short, .matrix, .card, .statement, .facts, .flow, tr, .multiples > *, .sheet li, pre { break-inside: avoid; }
  figure.long { break-inside: auto; }
  thead { display: table-header-group; }
  .scroller, .wide { overflow: visible; }
  .wide.map svg { max-width: 100%; }
  .wide svg { max-width: 14cm; }
  details.gallery { break-inside: avoid; }
  table, .matrix table { font-size: 7.6pt; }
  .badge { font-size: 6.8pt; }
  figure.overlay svg { max-height: 9.5cm; width: auto; }
  th, td { padding: 2.2pt 4pt; }
  .matrix th, .matrix td { padding: 2.2pt 2.5pt; }
  tbody th { min-width: 0; }
  caption, figcaption, .notes { font-size: 8.5pt; }
  .multiples { grid-template-columns: repeat(4, 1fr); gap: 10pt 8pt; }
  .multiples h3 { font-size: 7.5pt; }
  .multiples .under { font-size: 7.5pt; }
  .cards, .cards:not(.compact) { grid-template-columns: repeat(2, 1fr); gap: 6pt; }
  .cards:not(.compact) .card { display: block; }
  .cards:not(.compact) .views { margin-bottom: 3pt; }
  details:not([open]) > summary::after { content: " (folded: on the screen only)"; }
  .card, .compact .card { font-size: 7pt; padding: 4pt; }
  .sheet li { font-size: 6.5pt; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
