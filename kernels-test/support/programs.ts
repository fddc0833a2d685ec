// What programs do with the library, the same in Node and in a page: each program throws where something is not as it should be.
import { alexnet, folder, googlenet, loadImage, openDevice, type Classifier, type Device, type PictureInput } from "../../src/index.ts";
import { microscope } from "../../src/inspect.ts";
import { hostPlatform } from "../../src/library/host.ts";
import { openTrainer } from "../../src/trainer.ts";

export interface ProgramContext {
  /** Weights of small networks and a PNG of 80 x 80 pixels, by address. */
  readonly weights: Readonly<Record<"alexnet" | "googlenet", string>>;
  readonly picture: string;
  /** What a program may write to. */
  readonly folder: string;
}

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`not so: ${what}`);
}

const near = (a: ArrayLike<number>, b: ArrayLike<number>, allowed = 1e-5): boolean =>
  a.length === b.length && Array.from(a).every((value, i) => Math.abs(value - b[i]) <= allowed);

const bytesOf = async (address: string): Promise<Uint8Array> => new Uint8Array(await (await fetch(address)).arrayBuffer());

async function thrown(work: () => Promise<unknown>): Promise<Error> {
  try {
    await work();
  } catch (error) {
    check(error instanceof Error, `an Error was thrown, not ${String(error)}`);
    return error;
  }
  throw new Error("not so: something was thrown");
}

const load = (device: Device, { weights }: ProgramContext): Promise<Classifier> => googlenet.load(device, weights.googlenet);

/** A page's own kinds of pictures, of the same pixels; none in Node. */
async function drawn(address: string): Promise<PictureInput[]> {
  const page = globalThis as unknown as {
    readonly OffscreenCanvas?: new (
      width: number,
      height: number,
    ) => {
      getContext(kind: "2d"): { drawImage(image: unknown, x: number, y: number): void; getImageData(...box: number[]): PictureInput };
    };
    readonly createImageBitmap: (blob: Blob) => Promise<PictureInput>;
    readonly VideoFrame: new (image: unknown, options: object) => PictureInput;
    readonly Image?: new () => { src: string; decode(): Promise<void> };
  };
  if (!page.OffscreenCanvas) return [];
  const bitmap = await page.createImageBitmap(await (await fetch(address)).blob());
  const canvas = new page.OffscreenCanvas(80, 80);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const kinds: unknown[] = [bitmap, canvas, context.getImageData(0, 0, 80, 80), new page.VideoFrame(canvas, { timestamp: 0 })];
  if (page.Image) {
    const image = new page.Image();
    image.src = address;
    kinds.push(image);
  }
  return kinds as PictureInput[];
}

/** A file that `save` wrote: its path in Node, the file itself in a page. */
async function saved(path: string): Promise<string | Blob> {
  interface Folder {
    getDirectoryHandle(name: string): Promise<Folder>;
    getFileHandle(name: string): Promise<{ getFile(): Promise<Blob> }>;
  }
  const { navigator } = globalThis as unknown as { readonly navigator?: { readonly storage?: { getDirectory(): Promise<Folder> } } };
  if (!navigator?.storage) return path;
  const [folder, name] = path.split("/");
  return (await (await (await navigator.storage.getDirectory()).getDirectoryHandle(folder)).getFileHandle(name)).getFile();
}

export const programs: Readonly<Record<string, (device: Device, context: ProgramContext) => Promise<void>>> = {
  async "a picture by address, bytes, Blob and File"(device, context) {
    const net = await load(device, context);
    const bytes = await bytesOf(context.picture);
    const [wanted] = await net.classify(context.picture);
    const { buffer } = Uint8Array.from(bytes);
    for (const input of [
      new URL(context.picture),
      bytes,
      buffer,
      new Blob([Uint8Array.from(bytes)]),
      new File([Uint8Array.from(bytes)], "cat.png"),
    ]) {
      const [best] = await net.classify(input);
      check(best.index === wanted.index && best.score === wanted.score, `${Object.prototype.toString.call(input)} is the same picture`);
    }
    net.dispose();
  },

  async "pixels: ImageData, canvas, bitmap, frame, image element, planes, values of one's own"(device, context) {
    const net = await load(device, context);
    const { width, height, channels, data } = await loadImage(context.picture);
    const [wanted] = await net.classify(context.picture);
    const at = (i: number, c: number): number => data[channels === 1 ? i : 3 * i + c];
    const area = width * height;
    const rgba = Uint8ClampedArray.from({ length: 4 * area }, (_, i) => (i % 4 === 3 ? 255 : at(i >> 2, i % 4)));
    const planes = Float32Array.from({ length: 3 * area }, (_, i) => at(i % area, Math.floor(i / area)));
    const inputs: PictureInput[] = [
      { width, height, channels, data },
      { width, height, data: rgba },
      { shape: [3, height, width], data: planes },
      { shape: [1, 3, height, width], data: Uint8Array.from(planes) },
      ...(await drawn(context.picture)),
    ];
    for (const input of inputs) {
      const [best] = await net.classify(input);
      check(
        best.index === wanted.index && Math.abs(best.score - wanted.score) < 1e-6,
        `${Object.prototype.toString.call(input)} is the same picture`,
      );
    }
    net.dispose();
  },

  async "a batch"(device, context) {
    const net = await load(device, context);
    const { width, height, channels, data } = await loadImage(context.picture);
    const pictures = Array.from({ length: 19 }, (_, k) => ({ width, height, channels, data: data.map((value) => (value + 11 * k) & 255) }));
    const together = await net.classify(pictures, { top: 1 });
    check(together.length === 19, "a picture has an answer each");
    for (const batch of [1, 4]) {
      const again = await net.classify(pictures, { top: 1, batch });
      check(
        again.every(([{ index, score }], i) => index === together[i][0].index && Math.abs(score - together[i][0].score) < 1e-5),
        `batches of ${batch} say the same`,
      );
    }
    const planes = Uint8Array.from(pictures.slice(0, 2).flatMap(({ data: grey }) => [...grey]));
    const { probabilities } = await net.run({ shape: [2, channels, height, width], data: planes });
    check(probabilities.shape[0] === 2, "a tensor may hold several pictures");
    net.dispose();
  },

  async "logits and features of a layer"(device, context) {
    const net = await load(device, context);
    const names = ["probabilities", "logits", "inception_4d/output", "data"];
    const { probabilities, logits, ...features } = await net.run([context.picture, context.picture], { outputs: names });
    check(Object.keys(features).join() === "inception_4d/output,data", "outputs have their names");
    const [, classes] = logits.shape;
    const powers = [...logits.data.subarray(0, classes)].map(Math.exp);
    const sum = powers.reduce((total, power) => total + power, 0);
    check(
      near(
        powers.map((power) => power / sum),
        probabilities.data.subarray(0, classes),
      ),
      "probabilities are the softmax of the logits",
    );
    for (const [name, { shape, data }] of Object.entries(features)) {
      const layer = net.layers.find((each) => each.name === name);
      check(shape.join() === [2, ...(layer?.shape ?? [])].join(), `${name} has the shape that layers says`);
      check(near(data.subarray(0, data.length / 2), data.subarray(data.length / 2)), "the same picture has the same features");
    }
    using scope = microscope(net);
    const look = await scope.look(context.picture);
    const { data } = await look.read("activation:inception_4d/output");
    check(near(data, features["inception_4d/output"].data.subarray(0, data.length), 1e-4), "they are those that a microscope shows");
    net.dispose();
  },

  async "values on the GPU without a copy"(device, context) {
    const net = await load(device, context);
    const outputs = ["conv1/relu_7x7", "probabilities"];
    const there = await net.run(context.picture, { outputs, location: "gpu" });
    const gpu = device.gpu;
    const lying: Record<string, number[]> = {};
    for (const [name, { buffer, offset, bytes, shape, strides }] of Object.entries(there)) {
      const staging = gpu.createBuffer({ size: bytes, usage: 9 });
      const encoder = gpu.createCommandEncoder();
      encoder.copyBufferToBuffer(buffer, offset, staging, 0, bytes);
      gpu.queue.submit([encoder.finish()]);
      await staging.mapAsync(1);
      const values = new Float32Array(staging.getMappedRange());
      const walk = (axis: number, from: number): number[] =>
        axis === shape.length
          ? [values[from]]
          : Array.from({ length: shape[axis] }, (_, i) => walk(axis + 1, from + i * strides[axis])).flat();
      lying[name] = walk(0, 0);
      staging.destroy();
    }
    const read = await net.run(context.picture, { outputs });
    for (const name of outputs) check(near(lying[name], read[name].data), `${name} lies where it is said to`);
    net.dispose();
  },

  async "an explanation: Grad-CAM, occlusion, gradients"(device, context) {
    const net = await load(device, context);
    const cam = await net.explain(context.picture, { class: 2, layer: "inception_4d/output" });
    check(
      cam.class === 2 && cam.map.data.every((value) => value >= 0) && cam.overlay !== null,
      "Grad-CAM has a map from 0 up, and an overlay",
    );
    const cover = await net.explain(context.picture, { method: "occlusion", cells: 3 });
    check(cover.map.shape.join() === "3,3" && cover.map.data.every(Number.isFinite), "occlusion has its cells");
    const pixels = await net.explain(context.picture, { method: "gradient", class: 2 });
    const first = net.layers.find(({ name }) => name === "data");
    check(pixels.map.shape.join() === [1, ...(first?.shape ?? [])].join(), "gradients reach the pixels");
    using scope = microscope(net);
    const look = await scope.look(context.picture, { of: { class: 2 }, parameters: ["conv1/7x7_s2/weight"] });
    check(near((await look.read("gradient:data")).data, pixels.map.data), "they are those that a microscope shows");
    const filter = await net.explain(context.picture, { method: "gradient", class: 2, layer: "conv1/7x7_s2/weight" });
    check(near((await look.read("gradient:conv1/7x7_s2/weight")).data, filter.map.data), "so are those of parameters");
    const loss = await net.explain(context.picture, { method: "gradient", of: { loss: 1 }, layer: "inception_4d/output" });
    check(
      loss.map.data.some((value) => value !== 0),
      "a loss has a gradient",
    );
    const neuron = await net.explain(context.picture, {
      method: "gradient",
      of: { layer: "inception_3a/1x1", channel: 1, row: 3, column: 3 },
      layer: "conv1/relu_7x7",
    });
    check(
      neuron.map.data.some((value) => value !== 0),
      "one neuron has a gradient",
    );
    net.dispose();
  },

  async "training on arrays, with variants, and what comes of it"(device, context) {
    const { width, height, channels, data } = await loadImage(context.picture);
    const samples = Array.from({ length: 6 }, (_, k) => ({
      image: { width, height, channels, data: data.map((value) => (k % 2 === 0 ? value >> 1 : 128 + (value >> 1))) },
      label: k % 2,
    }));
    const model = alexnet({ classes: 2, width: 1 / 8, size: 64 });
    using trainer = await openTrainer(device, model, { samples, batch: 3, rate: 0.01, augment: "variants" });
    const mark = await trainer.mark();
    const { loss, losses } = await trainer.step({ count: 2 });
    check(Number.isFinite(loss) && Object.keys(losses).length === 1, "a step has a loss");
    await trainer.back(mark);
    check((await trainer.step({ count: 2 })).loss === loss, "going back gives the same bits");
    const { probabilities } = await trainer.evaluate(samples);
    const path = `${context.folder}/trained.safetensors`;
    await trainer.save(path);
    check(probabilities.length === 6, "every sample is scored");
  },

  async "saving and loading again"(device, context) {
    const net = await load(device, context);
    const wanted = await net.classify(context.picture);
    for (const ending of ["safetensors", "caffemodel", "onnx"]) await net.save(`${context.folder}/net.${ending}`);
    net.dispose();
    const again = await googlenet.load(device, await saved(`${context.folder}/net.safetensors`));
    check(JSON.stringify(await again.classify(context.picture)) === JSON.stringify(wanted), "what was saved says the same");
    again.dispose();
  },

  async "loading with progress, integrity, a cache and a way to stop"(device, context) {
    const address = context.weights.googlenet;
    const bytes = await bytesOf(address);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(bytes)));
    const integrity = `sha256-${btoa(String.fromCharCode(...digest))}`;
    const seen: number[] = [];
    const options = { onProgress: (received: number) => void seen.push(received), integrity, cache: `${context.folder}/cache` };
    (await googlenet.load(device, address, options)).dispose();
    check(seen.at(-1) === bytes.length, "progress ends with the whole");
    (await googlenet.load(device, address, options)).dispose();
    const wrong = await thrown(() => googlenet.load(device, address, { integrity: integrity.replace(/.{8}=$/, "AAAAAAAA=") }));
    check(wrong.message.includes("its content has the hash sha256-"), `another hash is refused: ${wrong.message}`);
    const control = new AbortController();
    control.abort(new Error("enough"));
    const stopped = await thrown(() => googlenet.load(device, address, { signal: control.signal }));
    check(stopped.message === "enough", "a signal stops it with its reason");
  },

  async "two networks on one device, at once"(device, context) {
    const [a, b] = await Promise.all([load(device, context), alexnet.load(device, context.weights.alexnet)]);
    const alone = [await a.classify(context.picture), await b.classify(context.picture)];
    const together = await Promise.all([a.classify(context.picture), b.classify(context.picture)]);
    check(JSON.stringify(together) === JSON.stringify(alone), "they do not disturb each other");
    const many = await Promise.all(Array.from({ length: 4 }, () => a.classify(context.picture)));
    check(
      many.every((each) => JSON.stringify(each) === JSON.stringify(alone[0])),
      "nor do calls of one",
    );
    a.dispose();
    b.dispose();
  },

  async "a GPUDevice of the program's own"(device, context) {
    const shared = await openDevice({ device: device.gpu });
    const net = await load(shared, context);
    const [best] = await net.classify(context.picture);
    await shared.dispose();
    check(shared.memory().bytes === 0, "disposing frees what was made");
    check((await thrown(() => net.classify(context.picture))).message.includes("disposed"), "and says so");
    const own = await load(device, context);
    const [again] = await own.classify(context.picture);
    check(again.index === best.index, "the device is still open");
    own.dispose();

    // With WebGPU's default limits and no features.
    const gpu = await (await (await hostPlatform()).gpu.requestAdapter())?.requestDevice();
    const plain = await openDevice({ device: gpu as GPUDevice });
    const net2 = await load(plain, context);
    check((await net2.classify(context.picture))[0].index === best.index, "a device with default limits says the same");
    const { width, height, channels, data } = await loadImage(context.picture);
    const samples = [{ image: { width, height, channels, data }, label: 0 }];
    using trainer = await openTrainer(plain, googlenet({ classes: 2, width: 1 / 8, size: 64 }), { samples, batch: 1 });
    check(Number.isFinite((await trainer.step()).loss), "and learns");
    trainer.dispose();
    await plain.dispose();
    gpu?.destroy();
  },

  async "disposal: memory, and what is said after it"(device, context) {
    const before = device.memory();
    for (let i = 0; i < 5; i++) {
      using net = await load(device, context);
      await net.classify([context.picture, context.picture]);
      await net.run(context.picture, { outputs: ["logits"], location: "gpu" });
      check(device.memory().bytes > before.bytes, "a network takes memory");
    }
    check(JSON.stringify(device.memory()) === JSON.stringify(before), "nothing is left");
    const net = await load(device, context);
    net.dispose();
    for (const call of [
      () => net.classify(context.picture),
      () => net.run(context.picture),
      () => net.explain(context.picture),
      () => net.save("x.onnx"),
    ])
      check((await thrown(call)).message === "this network was disposed: load it again", "a network that was disposed says so");
    const description = await device.describe();
    check(description.adapter === device.adapterName && description.limits["maxBufferSize"] > 0, "a device describes itself");
    check(JSON.stringify(description).length > 100, "in JSON");
  },
};

type Wrong = readonly [name: string, call: (net: Classifier, device: Device, context: ProgramContext) => Promise<unknown>, message: string];

/** Wrong arguments, and part of what the TypeError says. */
export const wrongArguments: readonly Wrong[] = [
  ["no picture", (net) => net.classify(undefined as never), "expected a picture, got nothing; accepted: a path or URL"],
  ["a number", (net) => net.classify(42 as never), "expected a picture, got 42"],
  ["an object", (net) => net.classify({ src: "cat.jpg" } as never), "expected a picture, got an object with src"],
  ["floats without a size", (net) => net.classify(new Float32Array(3) as never), "expected a picture, got a Float32Array of 3"],
  ["no pictures", (net) => net.classify([]), "expected at least one picture, got an array of 0"],
  ["one wrong picture of two", (net, _, { picture }) => net.classify([picture, null as never]), "expected pictures, but item 1 is null"],
  ["too few pixels", (net) => net.classify({ width: 2, height: 2, data: new Uint8Array(3) }), "must have 1, 3 or 4 values for each"],
  ["half a pixel", (net) => net.classify({ width: 0.5, height: 2, data: new Uint8Array(1) }), "width and height must be whole numbers"],
  ["values that are not finite", (net) => net.classify({ width: 1, height: 1, data: Float32Array.of(Number.NaN) }), "must be finite"],
  [
    "a tensor of another shape",
    (net) => net.classify({ shape: [4, 2, 2], data: new Float32Array(16) }),
    "a tensor of pictures must be [channels, height, width]",
  ],
  ["a wrong top", (net, _, { picture }) => net.classify(picture, { top: -1 }), "classify: top must be a whole number from 1, got -1"],
  [
    "an option that there is not",
    (net, _, { picture }) => net.classify(picture, { topK: 3 } as object),
    'classify: there is no option "topK"; it takes top, batch',
  ],
  ["a layer that there is not", (net, _, { picture }) => net.run(picture, { outputs: ["conv99"] }), 'run: there is no layer "conv99"'],
  [
    "a wrong location",
    (net, _, { picture }) => net.run(picture, { location: "disk" as never }),
    'location must be "cpu" or "gpu", got "disk"',
  ],
  ["a class that there is not", (net, _, { picture }) => net.explain(picture, { class: 99 }), "explain: class must be 0 to"],
  ["a method that there is not", (net, _, { picture }) => net.explain(picture, { method: "lime" as never }), 'got "lime"'],
  [
    "a layer without rows for Grad-CAM",
    (net, _, { picture }) => net.explain(picture, { layer: "loss3/classifier" }),
    "Grad-CAM: there is no layer",
  ],
  ["an option of another method", (net, _, { picture }) => net.explain(picture, { cells: 4 }), 'the method "grad-cam" takes no cells'],
  ["a file of unknown form", (net) => net.save("net.txt"), "save: the path must end in .safetensors, .caffemodel, .onnx"],
  ["weights that are not a source", (_, device) => googlenet.load(device, 5 as never), "load: the weights must be a path, a URL, bytes"],
  [
    "an option of load",
    (_, device, { weights }) => googlenet.load(device, weights.googlenet, { label: [] } as object),
    'load: there is no option "label"',
  ],
  [
    "an integrity that is none",
    (_, device, { weights }) => googlenet.load(device, weights.googlenet, { integrity: "abc" }),
    "load: integrity must be",
  ],
  ["an option of openDevice", () => openDevice({ power: "high" } as object), 'openDevice: there is no option "power"'],
  [
    "a power preference",
    () => openDevice({ powerPreference: "most" as never }),
    'powerPreference must be "high-performance" or "low-power", got "most"',
  ],
  ["a device and an adapter", (_, device) => openDevice({ device: device.gpu, adapter: "x" }), "device and adapter exclude each other"],
  ["an option of a model", async () => alexnet({ classes: 2, labels: [] } as never), 'alexnet: there is no option "labels"'],
  ["an option of folder", () => folder("cases", { splits: 1 } as object), 'folder: there is no option "splits"'],
  ["no folder", () => folder(3 as never), "folder: the path must be a string, got 3"],
  ["a device that is none", () => googlenet.load({} as Device, "x"), "expected a device that openDevice() of this package returned"],
];

/** What is not as it should be with the wrong arguments: nothing, if all is well. */
export async function accepted(device: Device, context: ProgramContext): Promise<string[]> {
  const net = await load(device, context);
  const wrong: string[] = [];
  for (const [name, call, message] of wrongArguments) {
    const error = await call(net, device, context).then(
      () => new Error("it is accepted"),
      (each: unknown) => each as Error,
    );
    if (!(error instanceof TypeError) || !error.message.includes(message)) wrong.push(`${name}: ${error.name}: ${error.message}`);
  }
  net.dispose();
  return wrong;
}
