// The worker part of the textbook: each page's network, its numbers, and its maps drawn from the engine's buffers.
import type { GpuTensor, Device } from "striatum";
import type { Lab } from "../../worker/lab.ts";
import type { PageAsked } from "./asked.ts";
import type { Found, MapFound, PageFound } from "./found.ts";
import { onDevice, onHost, type NetName, type Source } from "./source.ts";
import { PAGES } from "./pages.ts";

/** What each page finds, by its name; loaded with the page. */
const COMPUTE: Readonly<Record<string, () => Promise<(asked: PageAsked) => Promise<PageFound>>>> = {
  convolution: async () => (await import("./forward.ts")).convolution,
  sizes: async () => (await import("./forward.ts")).sizes,
  gates: async () => (await import("./forward.ts")).gates,
  normalisation: async () => (await import("./forward.ts")).normalisation,
  inception: async () => (await import("./forward.ts")).inception,
  loss: async () => (await import("./forward.ts")).loss,
  gradient: async () => (await import("./learning.ts")).gradient,
  descent: async () => (await import("./learning.ts")).descent,
  starts: async () => (await import("./learning.ts")).starts,
  heads: async () => (await import("./learning.ts")).heads,
  workgroup: async () => (await import("./beyond.ts")).workgroup,
  auc: async () => (await import("./beyond.ts")).auc,
};

/** The one network that is open, and the device that it is on; null where it is on the host. */
let opened: { readonly name: NetName; readonly device: Device | null; readonly source: Promise<Source> } | null = null;
/** Number of the page that was asked for last; a later one makes an earlier one's finds useless. */
let asked = 0;
let last: Promise<unknown> = Promise.resolve();

/** Frees what the room took. */
export async function close(_lab: Lab, number: number): Promise<void> {
  asked = Math.max(asked, number);
  await last;
  await closeSource();
}

async function closeSource(): Promise<void> {
  const before = opened;
  opened = null;
  await before?.source.then((source) => source.dispose()).catch(() => undefined);
}

async function sourceOf(lab: Lab, name: NetName): Promise<Source> {
  const device = await lab.device().catch(() => null);
  if (opened?.name === name && opened.device === device) return opened.source;
  await closeSource();
  const source = device ? onDevice(device, name, () => lab.panels.clear()) : onHost(name);
  opened = { name, device, source };
  source.catch(() => (opened = null));
  return source;
}

/**
 * What a page finds in a picture, with the keys of the address; null where another was asked for meanwhile. One at a time: a network has one look. `number` grows with
 * each call.
 */
export function find(
  lab: Lab,
  number: number,
  page: string,
  picture: string,
  keys: Readonly<Record<string, string>>,
): Promise<Found | null> {
  asked = Math.max(asked, number);
  const finding = last.then(async () => {
    if (number !== asked) return null;
    const known = PAGES.find(({ name }) => name === page);
    if (!known) throw new Error(`internal: the textbook has no page "${page}"`);
    const [compute, source] = await Promise.all([COMPUTE[page](), sourceOf(lab, known.net)]);
    const found = await lab.working("computing", () => compute({ source, picture: lab.picture(picture), keys }));
    const how = known.onHost ? "float64" : source.how;
    return { controls: [], maps: [], tables: {}, bars: {}, lines: {}, windows: null, ...found, page, how };
  });
  last = finding.catch(() => undefined);
  return finding;
}

/** Draws maps on panels, in their order, from what the device holds. */
export function draw(lab: Lab, number: number, maps: readonly MapFound[], panels: readonly number[]): Promise<void> {
  const drawing = last.then(async () => {
    if (number !== asked || !opened) return;
    const { scope, shown } = await opened.source;
    if (!scope || !shown) return;
    maps.forEach(({ id, channel, palette, folded }, i) => {
      if (palette === "groups") return;
      const tensor: GpuTensor = id.startsWith("parameter:") ? scope.view(id) : shown.view(id);
      const scale = folded > 0 ? "layer" : "map";
      lab.panels.show(panels[i], () => [{ tensor, palette, scale, ...(folded > 0 ? { columns: folded, gap: 1 } : { channel }) }]);
    });
  });
  last = drawing.catch(() => undefined);
  return drawing;
}
