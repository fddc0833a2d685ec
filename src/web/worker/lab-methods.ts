// What the page asks of the worker whatever room is open: the device, the network, pictures, dropped files, canvases.
import type { LayerNode, ParameterInfo } from "striatum/inspect";
import { SAMPLES } from "virtual:samples";
import type { DroppedFile } from "./dropped.ts";
import type { Choice, Lab, LabPicture } from "./lab.ts";
import type { Paper } from "./panels.ts";

/** What the page shows of a device. */
export interface DeviceInfo {
  readonly adapter: string;
  readonly isSoftware: boolean;
  readonly timestamps: boolean;
}

/** What the page shows of a network. */
export interface NetworkInfo {
  readonly labels: readonly string[];
  readonly layers: readonly LayerNode[];
  readonly parameters: readonly ParameterInfo[];
  /** Multiplications and additions of a pass. */
  readonly flops: number;
  /** Bytes on the device: parameters, and memory of a pass. */
  readonly bytes: number;
  readonly launches: number;
}

/** A picture of the set. */
export interface PictureInfo {
  readonly id: string;
  readonly name: string;
}

export async function device(lab: Lab): Promise<DeviceInfo> {
  const opened = await lab.device();
  const { features } = await opened.describe();
  return { adapter: opened.adapterName, isSoftware: opened.isSoftware, timestamps: features.includes("timestamp-query") };
}

export async function network(lab: Lab, choice: Choice): Promise<NetworkInfo> {
  const { net, scope } = await lab.network(choice);
  const { launches, peakBytes } = scope.plan();
  return {
    labels: net.labels,
    layers: scope.layers,
    parameters: scope.parameters,
    flops: launches.reduce((sum, { flops }) => sum + flops, 0),
    bytes: peakBytes,
    launches: launches.length,
  };
}

/** The pictures that ship, fetched at the first call. */
let samples: Promise<LabPicture[]> | null = null;

async function fetchSamples(): Promise<LabPicture[]> {
  const { count, size, url } = SAMPLES;
  const { ok, status, body } = await fetch(new URL(url, import.meta.url));
  if (!ok || !body) throw new Error(`the pictures of this page could not be fetched (HTTP ${status}); reload it to try once more`);
  const pixels = new Uint8Array(await new Response(body.pipeThrough(new DecompressionStream("deflate-raw"))).arrayBuffer());
  const area = size * size;
  return Array.from({ length: count }, (_, i) => ({
    name: `fractal ${i}`,
    pixels: { width: size, height: size, channels: 1, data: pixels.subarray(i * area, (i + 1) * area) },
  }));
}

/** Fetches the pictures that ship, and lists all of the set. */
export async function pictures(lab: Lab): Promise<PictureInfo[]> {
  samples ??= fetchSamples();
  samples.catch(() => (samples = null));
  for (const picture of await samples) if (!lab.pictures.has(picture.name)) lab.pictures.set(picture.name, picture);
  return [...lab.pictures].map(([id, { name }]) => ({ id, name }));
}

/** A picture to be shown, as its file has it. */
export async function picture(lab: Lab, id: string): Promise<ImageBitmap> {
  const { width, height, data } = lab.picture(id).pixels;
  const channels = data.length / (width * height);
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[channels * i + (channels === 1 ? 0 : c)];
  return createImageBitmap(new ImageData(rgba, width, height));
}

/** Takes files that were dropped: each is recognised by its bytes. One that is not read has a reason. */
export const drop = async (lab: Lab, files: readonly File[]): Promise<DroppedFile[]> =>
  (await import("./dropped.ts")).readDropped(lab, files);

export const addPanel = (lab: Lab, id: number, canvas: OffscreenCanvas): void => lab.panels.add(id, canvas);
export const removePanel = (lab: Lab, id: number): void => lab.panels.remove(id);
export const resizePanel = (lab: Lab, id: number, width: number, height: number): void => lab.panels.resize(id, width, height);
export const setPaper = (lab: Lab, paper: Paper): void => lab.panels.setPaper(paper);
/** Stops drawing while the page is hidden, and draws what changed once it is shown. */
export const setHidden = (lab: Lab, hidden: boolean): void => lab.panels.setHidden(hidden);
/** Seconds that a pass of a network is expected to take. */
export const forecast = (lab: Lab, choice: Choice): Promise<number> => lab.forecast(choice);
/** Opens another device after two losses within a minute. */
export const reopen = (lab: Lab): void => lab.reopen();
/** Bytes of the device's memory that are taken. */
export const memory = async (lab: Lab): Promise<number> => (await lab.device()).memory().bytes;
