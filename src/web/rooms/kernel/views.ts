// What Kernel shows: the stage, and the numbers beside it.
import { html, nothing, type TemplateResult } from "lit-html";
import { unsafeHTML } from "lit-html/directives/unsafe-html.js";
import { kernelView, sourceView } from "./code-view.ts";
import { diffView } from "./diff-view.ts";
import type { Beside, KernelRoom, OpenKernel } from "./state.ts";
import { rooflineView, type Dot } from "./roofline.ts";
import { duration, TEXT, withUnit } from "./text.ts";
import type { LaunchEntry } from "./worker-part.ts";

export function stageView(room: KernelRoom): TemplateResult {
  const entry = room.entry.value;
  if (!entry) return html`<p class="quiet">${TEXT.waiting}</p>`;
  const open = room.kernel.value;
  return html`
    <div class="kernel">
      ${headView(room, entry)}
      <section class="card">
        <h2>${TEXT.code}</h2>
        <div class="kernel-codes">
          <div>
            ${
              open
                ? html`<p class="kernel-name"><code>${open.shown.name}</code></p>
                    ${kernelView(open.shown)}`
                : waiting(room)
            }
          </div>
          <div>${besideView(room)}</div>
        </div>
      </section>
      <section class="card">
        <h2>${TEXT.owners}</h2>
        <p>${TEXT.ownersWhy}</p>
        ${room.owners.owners.value ? nothing : runButton(room, TEXT.ownersRun, () => room.askOwners())} ${room.owners.view()}
      </section>
      ${editView(room)}
    </div>
  `;
}

const waiting = (room: KernelRoom): TemplateResult =>
  html`<p class=${room.failed.value ? "fault" : "quiet"}>${room.failed.value || TEXT.waiting}</p>`;

/** Launch, family, formula, grid. */
function headView(room: KernelRoom, entry: LaunchEntry): TemplateResult {
  const entries = room.entries.value ?? [];
  const blocks = [...new Set(entries.map(({ block }) => block))];
  const family = room.family.value;
  const known = room.families.value.map((each) => each.family as string);
  return html`<section class="card">
    ${room.isUnknown.value ? html`<p class="notice">${TEXT.unknownLaunch(room.page.address.value.path)}</p>` : nothing}
    <div class="row">
      <label class="field"
        >${TEXT.step}
        <select @change=${(event: Event) => room.openStep((event.target as HTMLSelectElement).value === "training")}>
          <option value="scoring" ?selected=${!room.of.value.training}>${TEXT.scoring}</option>
          <option value="training" ?selected=${room.of.value.training}>${TEXT.training}</option>
        </select>
      </label>
      <label class="field"
        >${TEXT.launch}
        <select @change=${(event: Event) => room.openLaunch((event.target as HTMLSelectElement).value)}>
          ${blocks.map(
            (block) =>
              html`<optgroup label=${block}>
                ${entries
                  .filter((each) => each.block === block)
                  .map(({ id, op }) => html`<option value=${id} ?selected=${id === entry.id}>${id} · ${op}</option>`)}
              </optgroup>`,
          )}
        </select>
      </label>
      <button @click=${() => room.openNext(-1)} aria-label=${TEXT.keysOf.previous}>←</button>
      <button @click=${() => room.openNext(1)} aria-label=${TEXT.keysOf.next}>→</button>
      <label class="field"
        >${TEXT.family}
        <select @change=${(event: Event) => room.openFamily((event.target as HTMLSelectElement).value)}>
          ${[...new Set([...known, ...(family ? [family] : [])])].map(
            (name) => html`<option value=${name} ?selected=${name === family}>${name}</option>`,
          )}
        </select>
      </label>
    </div>
    <div class="formula" tabindex="0" role="region" aria-label=${TEXT.formula}>${unsafeHTML(room.formula)}</div>
  </section>`;
}

function besideView(room: KernelRoom): TemplateResult {
  const beside = room.beside.value;
  const against = room.against.value;
  const all = [...new Set([...room.besides(), against])];
  const name = (each: string): string => (each === "definition" ? TEXT.definition : each);
  return html`
    <label class="field kernel-name"
      >${TEXT.beside}
      <select @change=${(event: Event) => room.openBeside((event.target as HTMLSelectElement).value)}>
        ${all.map((each) => html`<option value=${each} ?selected=${each === against}>${name(each)}</option>`)}
      </select>
    </label>
    ${
      beside?.kind === "kernel"
        ? html`<label class="field"
            ><input
              type="checkbox"
              .checked=${room.asDifference.value}
              @change=${(event: Event) => (room.asDifference.value = (event.target as HTMLInputElement).checked)}
            />${TEXT.asDifference}</label
          >`
        : nothing
    }
    ${beside ? besideContent(room, beside) : html`<p class="quiet">${TEXT.waiting}</p>`}
  `;
}

function besideContent(room: KernelRoom, beside: Beside): TemplateResult {
  const open = room.kernel.value;
  if (beside.kind === "none") return html`<p class="fault">${beside.why}</p>`;
  if (beside.kind === "kernel" && open && room.asDifference.value) return diffView(open.shown.readable.wgsl, beside.shown.readable.wgsl);
  if (beside.kind === "kernel") return html`${kernelView(beside.shown)}`;
  return html`${sourceView(beside.shown)}
    <p class="quiet">${TEXT.definitionNote}</p>`;
}

/** A button that runs something on the device for trials, or what runs there, with a way to stop it. */
function runButton(room: KernelRoom, label: string, run: () => Promise<void>): TemplateResult {
  return html`<button ?disabled=${room.running.value !== "" || !room.kernel.value} @click=${() => void run()}>${label}</button>`;
}

const stateView = (room: KernelRoom): TemplateResult => html`
  <p role="status" class="kernel-state">
    ${room.running.value ? html`<span class="quiet">${room.running.value} …</span> <button @click=${() => room.stop()}>${TEXT.stop}</button>` : nothing}
    ${room.failed.value ? html`<span class="fault">${room.failed.value}</span>` : nothing}
  </p>
`;

function editView(room: KernelRoom): TemplateResult {
  const groups = room.workgroups.value;
  const set = (axis: number) => (event: Event) => {
    const value = Math.max(1, Math.min(65535, Math.round(Number((event.target as HTMLInputElement).value)) || 1));
    room.workgroups.value = groups.map((count, i) => (i === axis ? value : count)) as unknown as typeof groups;
  };
  return html`<section class="card kernel-edit">
    <h2>${TEXT.edit} ${room.draft.value === null ? nothing : html`<span class="quiet">(${TEXT.changed})</span>`}</h2>
    <p>${TEXT.editWhy}</p>
    ${room.editor}
    <div class="row">
      <button class="primary" ?disabled=${room.running.value !== "" || !room.kernel.value} @click=${() => void room.tryDraft()}>
        ${TEXT.tryIt}
      </button>
      <kbd>${TEXT.tryKeys}</kbd>
      <fieldset class="groups">
        <legend>${TEXT.grid}</legend>
        ${["x", "y", "z"].map(
          (axis, i) =>
            html`<label>${axis} <input type="number" min="1" max="65535" .value=${String(groups[i])} @change=${set(i)} /></label>`,
        )}
      </fieldset>
      <button ?disabled=${!room.kernel.value} @click=${() => room.restart()}>${TEXT.restart}</button>
    </div>
    ${stateView(room)} ${room.result.view()} ${changesView(room)}
  </section>`;
}

/** What was changed in the text that is edited. */
function changesView(room: KernelRoom): TemplateResult | typeof nothing {
  const open = room.kernel.value;
  const draft = room.draft.value;
  if (!open || draft === null) return nothing;
  return html`<h3>${TEXT.difference}</h3>
    ${diffView(open.shown.readable.wgsl, draft)}`;
}

export function inspectorView(room: KernelRoom): TemplateResult {
  const open = room.kernel.value;
  if (!open) return html`${waiting(room)}`;
  return html` ${factsView(open)} ${measureView(room, open)} ${familiesView(room)} ${roofView(room)} ${bindingsView(open)} `;
}

function factsView({ entry, setup }: OpenKernel): TemplateResult {
  const { facts } = TEXT;
  const rows: readonly (readonly [string, string])[] = [
    [facts.layer, entry.layer],
    [facts.op, entry.op],
    [facts.stage, entry.stage],
    [facts.family, setup.family],
    [TEXT.grid, TEXT.workgroups(setup.workgroups)],
    [facts.flops, withUnit(setup.flops, "FLOP")],
    [facts.bytes, withUnit(setup.leastBytes, "B")],
    [facts.intensity, `${Number((setup.flops / setup.leastBytes).toPrecision(3))} FLOP/B`],
  ];
  return html`
    <dl class="facts">
      ${rows.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    ${setup.launches > 1 ? html`<p class="quiet">${TEXT.several(setup.nth, setup.launches)}</p>` : nothing}
  `;
}

/** Speeds that a median time means. */
function speedOf({
  setup,
  trial,
}: NonNullable<ReturnType<KernelRoom["runOf"]>>): { gflops: number; bandwidth: number; milliseconds: number } | null {
  if (!trial.times || trial.times.milliseconds === 0) return null;
  const { milliseconds } = trial.times;
  return { milliseconds, gflops: setup.flops / milliseconds / 1e6, bandwidth: setup.leastBytes / milliseconds / 1e6 };
}

function measureView(room: KernelRoom, { setup }: OpenKernel): TemplateResult {
  const run = room.runOf(setup.family);
  const speed = run && speedOf(run);
  const verdict = run?.trial.verdict;
  return html`
    <h2>${TEXT.measure}</h2>
    ${runButton(room, TEXT.run, () => room.run())}
    ${room.page.device.value?.timestamps === false ? html`<p class="quiet">${TEXT.noTimes}</p>` : nothing} ${stateView(room)}
    ${
      run
        ? html`<dl class="facts">
              ${
                speed
                  ? html`<dt>${TEXT.median}</dt>
                      <dd>${duration(speed.milliseconds)}</dd>
                      <dt>${TEXT.spread}</dt>
                      <dd>${run.trial.times?.spread.map(duration).join(" – ")}</dd>
                      <dt>${TEXT.gflops}</dt>
                      <dd>${Number(speed.gflops.toPrecision(3))} GFLOP/s</dd>
                      <dt>${TEXT.traffic}</dt>
                      <dd>${Number(speed.bandwidth.toPrecision(3))} GB/s</dd>`
                  : nothing
              }
              <dt>${TEXT.worst}</dt>
              <dd>${verdict ? Number(verdict.worst.ratio.toPrecision(3)) : "–"}</dd>
            </dl>
            <p class="verdict" data-right=${run.trial.right}>
              ${run.trial.right && verdict ? TEXT.verified(verdict.elements) : run.trial.faults.join(" ")}
              ${verdict ? html`<span class="quiet">${TEXT.worstAt}: [${verdict.worst.position.join(", ")}]</span>` : nothing}
            </p>`
        : nothing
    }
  `;
}

function familiesView(room: KernelRoom): TemplateResult {
  return html`
    <h2>${TEXT.families}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label=${TEXT.families}>
      <table>
        <thead>
          <tr>
            <th scope="col">${TEXT.family}</th>
            <th scope="col">${TEXT.time}</th>
            <th scope="col">GFLOP/s</th>
          </tr>
        </thead>
        <tbody>
          ${room.families.value.map(({ family }) => {
            const run = room.runOf(family);
            const speed = run && speedOf(run);
            return html`<tr>
              <th scope="row">
                <button class="plain" aria-current=${family === room.family.value} @click=${() => room.openFamily(family)}>
                  ${family}
                </button>
              </th>
              <td class="number">
                ${speed ? duration(speed.milliseconds) : run ? (run.trial.right ? TEXT.elementRight : TEXT.elementWrong) : ""}
              </td>
              <td class="number">${speed ? Number(speed.gflops.toPrecision(3)) : ""}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    ${runButton(room, TEXT.familiesRun, () => room.runAll())}
  `;
}

function roofView(room: KernelRoom): TemplateResult {
  const roofs = room.roofs.value;
  const own = room.family.value;
  const families = [...room.families.value].toSorted((a, b) => Number(b.family === own) - Number(a.family === own));
  const dots = families.flatMap(({ family }): Dot[] => {
    const run = room.runOf(family);
    const speed = run && speedOf(run);
    return run && speed && speed.gflops > 0
      ? [{ name: family, intensity: run.setup.flops / run.setup.leastBytes, gflops: speed.gflops }]
      : [];
  });
  return html`
    <h2>${TEXT.roofline}</h2>
    ${
      roofs
        ? rooflineView(roofs, dots)
        : html`<p class="quiet">${TEXT.roofsWhy}</p>
            <button ?disabled=${room.page.device.value?.timestamps === false} @click=${() => void room.measureRoofs()}>
              ${TEXT.roofs}
            </button>`
    }
  `;
}

function bindingsView({ entry, setup }: OpenKernel): TemplateResult {
  const dims = Object.entries(setup.dims);
  return html`
    <h2>${TEXT.bindings}</h2>
    <div class="scroll" tabindex="0" role="region" aria-label=${TEXT.bindings}>
      <table>
        <thead>
          <tr>
            <th scope="col">${TEXT.variable}</th>
            <th scope="col">${TEXT.holds}</th>
            <th scope="col">${TEXT.bytes}</th>
          </tr>
        </thead>
        <tbody>
          ${setup.variables.map(({ variable, access, bytes }) => {
            const held = setup.family === entry.family ? entry.holds[variable] : undefined;
            return html`<tr>
              <th scope="row"><code>${variable}</code></th>
              <td>
                ${held ? html`${held.value} <span class="number quiet">[${held.shape.join(", ")}]</span>` : nothing}
                <span class="quiet">${access}</span>
              </td>
              <td class="number">${withUnit(bytes, "B")}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
    <details>
      <summary>${TEXT.dims}</summary>
      <dl class="facts">
        ${dims.map(
          ([name, value]) =>
            html`<dt><code>${name}</code></dt>
              <dd class="number">${value}</dd>`,
        )}
      </dl>
    </details>
  `;
}
