// What is asked about a channel or a layer in the worker: the pictures that excite it, and what the answer rests on.
import type { ExcitingPicture, Microscope } from "striatum/inspect";
import type { Lab } from "../../worker/lab.ts";
import type { Subject } from "./subject.ts";

/** Ends work that no one waits for any more. */
let leaving = new AbortController();

/** Ends what is being looked for, for a room that is left. */
export function endQuestions(): void {
  leaving.abort(new Error("the room was left"));
  leaving = new AbortController();
}

/** The most exciting pictures of one channel, and of how many. */
export interface ExcitingShown {
  readonly pictures: number;
  readonly found: readonly (ExcitingPicture & { readonly id: string; readonly name: string })[];
}

const excitingOf = new WeakMap<Microscope, Map<string, ReturnType<Microscope["exciting"]>>>();

/** The pictures of the set that excite a channel most. All channels of the layer are looked through at once, so that others come without a pass. */
export async function exciting(lab: Lab, { choice, layer, channel }: Subject): Promise<ExcitingShown> {
  const { scope } = await lab.network(choice);
  const ids = [...lab.pictures.keys()];
  const key = JSON.stringify([layer, ids]);
  const known = excitingOf.get(scope) ?? new Map<string, ReturnType<Microscope["exciting"]>>();
  excitingOf.set(scope, known);
  const pictures = ids.map((id) => lab.picture(id).pixels);
  const finding =
    known.get(key) ??
    lab.working("looking through the pictures", (onProgress) => scope.exciting(pictures, { layer, onProgress, signal: leaving.signal }));
  known.set(key, finding);
  finding.catch(() => known.delete(key));
  const { channels } = await finding;
  return {
    pictures: ids.length,
    found: channels[channel].map((each) => ({ ...each, id: ids[each.picture], name: lab.picture(ids[each.picture]).name })),
  };
}

/** Whether a layer's pictures were looked through already. */
export async function knowsExciting(lab: Lab, { choice, layer }: Subject): Promise<boolean> {
  const { scope } = await lab.network(choice);
  return excitingOf.get(scope)?.has(JSON.stringify([layer, [...lab.pictures.keys()]])) ?? false;
}

/** A map of what a class's score rests on, over the picture. */
export interface Explained {
  readonly method: "grad-cam" | "occlusion";
  readonly label: string;
  readonly passes: number;
  readonly milliseconds: number;
  readonly overlay: ImageBitmap | null;
}

const CELLS = 8;

/** Grad-CAM or occlusion of the likeliest class, or of the class that gradients are of. */
export async function explain(lab: Lab, { choice, picture, layer, of }: Subject, method: Explained["method"]): Promise<Explained> {
  const { net } = await lab.network(choice);
  const { pixels } = lab.picture(picture);
  const asClass = of && "class" in of ? { class: of.class } : {};
  const options = method === "grad-cam" ? { method, layer } : { method, cells: CELLS };
  const start = performance.now();
  const { label, overlay } = await lab.working(method, () => net.explain(pixels, { ...asClass, ...options }));
  const milliseconds = performance.now() - start;
  const passes = method === "grad-cam" ? 2 : CELLS ** 2 + 1;
  return { method, label, passes, milliseconds, overlay: overlay && (await bitmapOf(overlay)) };
}

function bitmapOf({
  width,
  height,
  data,
}: {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}): Promise<ImageBitmap> {
  const channels = data.length / (width * height);
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[channels * i + (channels === 1 ? 0 : c)];
  return createImageBitmap(new ImageData(rgba, width, height));
}
