// Draws tensors on a page's canvases by a fragment shader that reads the engine's buffers: no value comes through JavaScript.
import type { Device, GpuTensor } from "striatum";
import { VIRIDIS } from "virtual:viridis";
import drawText from "./draw.wgsl?raw";
import rangesText from "./ranges.wgsl?raw";

/** A rectangle of a canvas in its pixels. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Values as maps. */
export interface Drawing {
  readonly tensor: GpuTensor;
  /** Where on the canvas; the whole by default. */
  readonly at?: Rectangle;
  /** "signed": blue, paper, orange. "unsigned": viridis. "filters": a first layer's filters in colour. */
  readonly palette: "signed" | "unsigned" | "filters";
  /** What has the full colour: the largest value of each map, that of the layer, or a number. */
  readonly scale: "map" | "layer" | number;
  /** One channel, or the one with the largest value; all by default. */
  readonly channel?: number | "strongest";
  /** Cells in a row; 1 by default. */
  readonly columns?: number;
  /** Pixels between cells; 0 by default. */
  readonly gap?: number;
}

/** What a drawing reads of a tensor: where its channels, rows, columns and, of filters, colours lie. */
interface Axes {
  readonly channels: number;
  readonly rows: number;
  readonly columns: number;
  readonly strides: readonly [channel: number, row: number, column: number, colour: number];
}

const PALETTES = { signed: 0, unsigned: 1, filters: 2 } as const;
const STRONGEST = 0xffffffff;
/** Part of grey between maps. */
const GREY = 0.14;
const VIEW_BYTES = 96;
const REGION_BYTES = 32;
const ALIGNED = 256;
const up = (bytes: number): number => Math.ceil(bytes / ALIGNED) * ALIGNED;

/** Features become a map for each; of filters the outputs are the maps. */
function axesOf({ shape, strides, axes }: GpuTensor, palette: Drawing["palette"]): Axes {
  const along = (...names: string[]): { readonly extent: number; readonly stride: number } => {
    const axis = axes.findIndex((name) => names.includes(name));
    return axis < 0 ? { extent: 1, stride: 0 } : { extent: shape[axis], stride: strides[axis] };
  };
  const maps = along("channel", "feature", "output", "value");
  const rows = along("row");
  const columns = along("column");
  const colours = along("input");
  return {
    channels: maps.extent,
    rows: rows.extent,
    columns: columns.extent,
    strides: [maps.stride, rows.stride, columns.stride, palette === "filters" ? colours.stride : 0],
  };
}

/** Pipelines and memory for drawing on one device. */
export class Painter {
  readonly #gpu: GPUDevice;
  readonly #draw: GPURenderPipeline;
  readonly #channel: GPUComputePipeline;
  readonly #all: GPUComputePipeline;
  readonly #colours: GPUBuffer;
  #views: GPUBuffer | null = null;
  #ranges: GPUBuffer | null = null;

  static async open(device: Device): Promise<Painter> {
    const gpu = device.gpu;
    const drawing = gpu.createShaderModule({ code: drawText });
    const ranging = gpu.createShaderModule({ code: rangesText });
    const format = navigator.gpu.getPreferredCanvasFormat();
    const compute = (entryPoint: string): Promise<GPUComputePipeline> =>
      gpu.createComputePipelineAsync({ layout: "auto", compute: { module: ranging, entryPoint } });
    const [draw, channel, all] = await Promise.all([
      gpu.createRenderPipelineAsync({
        layout: "auto",
        vertex: { module: drawing, entryPoint: "corner" },
        fragment: { module: drawing, entryPoint: "paint", targets: [{ format }] },
      }),
      compute("channel"),
      compute("all"),
    ]);
    return new Painter(gpu, draw, channel, all);
  }

  private constructor(gpu: GPUDevice, draw: GPURenderPipeline, channel: GPUComputePipeline, all: GPUComputePipeline) {
    this.#gpu = gpu;
    this.#draw = draw;
    this.#channel = channel;
    this.#all = all;
    this.#colours = gpu.createBuffer({ label: "colours", size: 1024, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
    gpu.queue.writeBuffer(
      this.#colours,
      0,
      Uint32Array.from({ length: 256 }, (_, i) => VIRIDIS[i * 3] | (VIRIDIS[i * 3 + 1] << 8) | (VIRIDIS[i * 3 + 2] << 16)),
    );
  }

  /** Prepares a canvas. Again for each device. */
  configure(context: GPUCanvasContext): void {
    context.configure({ device: this.#gpu, format: navigator.gpu.getPreferredCanvasFormat(), alphaMode: "opaque" });
  }

  /** Draws on a canvas, on paper of one colour: red, green and blue from 0 to 1. */
  draw(context: GPUCanvasContext, drawings: readonly Drawing[], paper: readonly [number, number, number]): void {
    const { width, height } = context.canvas;
    const placed = drawings.map((drawing) => ({
      drawing,
      at: drawing.at ?? { x: 0, y: 0, width, height },
      axes: axesOf(drawing.tensor, drawing.palette),
    }));
    const rangeOffsets: number[] = [];
    let rangeBytes = 0;
    for (const { axes } of placed) {
      rangeOffsets.push(rangeBytes);
      rangeBytes += up((axes.channels + 2) * 8);
    }
    const views = (this.#views = this.#roomFor(this.#views, placed.length * 2 * ALIGNED, GPUBufferUsage.UNIFORM));
    const ranges = (this.#ranges = this.#roomFor(this.#ranges, rangeBytes, GPUBufferUsage.STORAGE));
    const written = new ArrayBuffer(placed.length * 2 * ALIGNED);
    placed.forEach(({ drawing, at, axes }, i) => {
      const first = (drawing.tensor.offset % ALIGNED) / 4;
      writeView(new DataView(written, 2 * i * ALIGNED, VIEW_BYTES), { drawing, at, axes, first, paper });
      const { channels, rows, columns, strides } = axes;
      [channels, rows, columns, first, ...strides].forEach((value, k) =>
        new DataView(written, (2 * i + 1) * ALIGNED, REGION_BYTES).setUint32(4 * k, value, true),
      );
    });
    this.#gpu.queue.writeBuffer(views, 0, written);

    const bind = (pipeline: GPURenderPipeline | GPUComputePipeline, resources: readonly GPUBindingResource[]): GPUBindGroup =>
      this.#gpu.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: resources.map((resource, binding) => ({ binding, resource })),
      });
    const valuesOf = ({ tensor: { buffer, offset, bytes } }: Drawing): GPUBufferBinding => {
      const start = offset - (offset % ALIGNED);
      return { buffer, offset: start, size: offset - start + bytes };
    };
    const rangesOf = (i: number): GPUBufferBinding => ({
      buffer: ranges,
      offset: rangeOffsets[i],
      size: (placed[i].axes.channels + 2) * 8,
    });

    const encoder = this.#gpu.createCommandEncoder();
    const measuring = encoder.beginComputePass();
    for (const [i, { drawing, axes }] of placed.entries()) {
      const region: GPUBufferBinding = { buffer: views, offset: (2 * i + 1) * ALIGNED, size: REGION_BYTES };
      measuring.setPipeline(this.#channel);
      measuring.setBindGroup(0, bind(this.#channel, [region, valuesOf(drawing), rangesOf(i)]));
      measuring.dispatchWorkgroups(axes.channels);
      measuring.setPipeline(this.#all);
      const group = this.#gpu.createBindGroup({
        layout: this.#all.getBindGroupLayout(0),
        entries: [
          { binding: 0, resource: region },
          { binding: 2, resource: rangesOf(i) },
        ],
      });
      measuring.setBindGroup(0, group);
      measuring.dispatchWorkgroups(1);
    }
    measuring.end();
    // Between the maps of a grid it is a little greyer than paper, so that maps of zeros have edges.
    const [r, g, b] = drawings.some(({ columns = 1 }) => columns > 1) ? paper.map((part) => part + GREY * (0.5 - part)) : paper;
    const pass = encoder.beginRenderPass({
      colorAttachments: [
        { view: context.getCurrentTexture().createView(), loadOp: "clear", storeOp: "store", clearValue: { r, g, b, a: 1 } },
      ],
    });
    pass.setPipeline(this.#draw);
    for (const [i, { drawing, at }] of placed.entries()) {
      const x = Math.max(0, Math.floor(at.x));
      const y = Math.max(0, Math.floor(at.y));
      const w = Math.min(Math.ceil(at.width), width - x);
      const h = Math.min(Math.ceil(at.height), height - y);
      if (w <= 0 || h <= 0) continue;
      pass.setScissorRect(x, y, w, h);
      const view: GPUBufferBinding = { buffer: views, offset: 2 * i * ALIGNED, size: VIEW_BYTES };
      pass.setBindGroup(0, bind(this.#draw, [view, valuesOf(drawing), rangesOf(i), { buffer: this.#colours }]));
      pass.draw(3);
    }
    pass.end();
    this.#gpu.queue.submit([encoder.finish()]);
  }

  /** Frees its memory. */
  dispose(): void {
    for (const buffer of [this.#views, this.#ranges, this.#colours]) buffer?.destroy();
  }

  /** The buffer, or a larger one where it is too small. */
  #roomFor(buffer: GPUBuffer | null, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    if (buffer && buffer.size >= bytes) return buffer;
    buffer?.destroy();
    return this.#gpu.createBuffer({ label: "drawing", size: Math.max(2 * bytes, ALIGNED), usage: usage | GPUBufferUsage.COPY_DST });
  }
}

interface ViewParts {
  readonly drawing: Drawing;
  readonly at: Rectangle;
  readonly axes: Axes;
  readonly first: number;
  readonly paper: readonly [number, number, number];
}

/** The struct View of draw.wgsl. */
function writeView(bytes: DataView, { drawing, at, axes, first, paper }: ViewParts): void {
  const { palette, scale, channel, columns = 1, gap = 0 } = drawing;
  const cells = channel === undefined ? axes.channels : 1;
  const cellWidth = at.width / columns;
  const cellHeight = at.height / Math.ceil(cells / columns);
  const [channelStride, rowStride, columnStride, colourStride] = axes.strides;
  const firstCell = channel === "strongest" ? STRONGEST : (channel ?? 0);
  const scaling = scale === "map" ? 0 : scale === "layer" ? 1 : 2;
  const floats = (at: number, values: readonly number[]): void => values.forEach((value, i) => bytes.setFloat32(at + 4 * i, value, true));
  const words = (at: number, values: readonly number[]): void => values.forEach((value, i) => bytes.setUint32(at + 4 * i, value, true));
  floats(0, [at.x, at.y, cellWidth, cellHeight]);
  words(16, [columns, cells, firstCell, PALETTES[palette]]);
  words(32, [axes.rows, axes.columns, first, scaling]);
  words(48, [channelStride, rowStride, columnStride, colourStride]);
  floats(64, [...paper, typeof scale === "number" ? scale : 0]);
  words(80, [axes.channels]);
  floats(84, [gap]);
}
