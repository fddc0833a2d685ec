// What all rooms use in the worker: the device, the network that is open with a microscope on it, the pictures, and the canvases.
import { alexnet, googlenet, openDevice, type Classifier, type Device, type ModelFamily, type PixelData } from "striatum";
import { microscope, type Look, type LookOptions, type LookProgress, type Microscope } from "striatum/inspect";
import alexnetWeights from "../../../data/weights/alexnet-quarter-fractals.safetensors?url";
import googlenetWeights from "../../../data/weights/googlenet-quarter-fractals.safetensors?url";
import { expectRoom } from "./memory.ts";
import { Painter } from "./painter.ts";
import { Panels } from "./panels.ts";
import { REPLACED, type FromWorker } from "./protocol.ts";
import { flopsOf, Speed } from "./speed.ts";

/** Names of the networks. */
export type NetworkName = "alexnet" | "googlenet" | "onnx";

/** A network with weights, as the address says it. */
export interface Choice {
  readonly net: NetworkName;
  /** "quick": the small weights that ship. Others are the names of files that the visitor dropped. */
  readonly weights: string;
}

/** A picture of the loaded set. */
export interface LabPicture {
  readonly name: string;
  readonly pixels: PixelData;
}

/** A network that is open. */
export interface OpenNetwork {
  readonly choice: Choice;
  readonly net: Classifier;
  readonly scope: Microscope;
}

/** A look that nobody waits for any more: the page does not report it. */
class Replaced extends Error {
  override readonly name = REPLACED;
}

/** Is called as kernels of a look have run, in a look that compiles. */
export type Watcher = (progress: LookProgress) => void;

/** A look, and who watches it. */
interface Watched {
  readonly key: string;
  readonly taken: Promise<Look>;
  readonly watchers: Set<Watcher>;
}

/** A file of weights that the visitor dropped: how it is put on a device. */
export type Opener = (device: Device) => Promise<Classifier>;

const FAMILIES: Readonly<Record<string, ModelFamily>> = { alexnet, googlenet };
const SHIPPED: Readonly<Record<string, string>> = { alexnet: alexnetWeights, googlenet: googlenetWeights };
/** A second loss within this time is not answered by another device. */
const QUIET = 60_000;

export class Lab {
  readonly panels = new Panels();
  /** Pictures by their ids. */
  readonly pictures = new Map<string, LabPicture>();
  /** Weights that the visitor dropped, by the choice that names them. */
  readonly dropped = new Map<string, Opener>();
  /** How fast the device computes. */
  readonly speed = new Speed();
  readonly #post: (message: FromWorker) => void;
  #device: Promise<Device> | null = null;
  #network: { readonly key: string; readonly opening: Promise<OpenNetwork> } | null = null;
  #look: Watched | null = null;
  /** Options whose memory was forecast on this device. */
  readonly #forecast = new Set<string>();
  #lostAt = -Infinity;
  /** Why no device is opened any more; null while one may be. */
  #stopped: string | null = null;
  /** The last look, and whether it was computed by a device that was lost: the next device must say the same. */
  #shown: { readonly key: string; readonly probabilities: Float32Array; lost: boolean } | null = null;

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  /** The device, opened at the first call. Rejects after two losses within a minute, until `reopen`. */
  device(): Promise<Device> {
    if (this.#stopped !== null) return Promise.reject(new Error(this.#stopped));
    this.#device ??= this.#open();
    return this.#device;
  }

  /** The network of a choice. One is open at a time: another choice closes it. */
  async network(choice: Choice): Promise<OpenNetwork> {
    const key = keyOf(choice);
    if (this.#network?.key !== key) {
      const before = this.#network?.opening;
      this.#look = null;
      this.panels.clear();
      const opening = this.#load(choice, before);
      this.#network = { key, opening };
      opening.catch(() => {
        if (this.#network?.opening === opening) this.#network = null;
      });
    }
    return this.#network.opening;
  }

  /**
   * One picture in the microscope. The same picture and options give the same look again, without computing; other ones replace it, and with it what panels show
   * of it. `watcher` is called while it is computed, if it is not yet.
   */
  async look(choice: Choice, picture: string, options: LookOptions = {}, watcher?: Watcher): Promise<Look> {
    const open = await this.network(choice);
    const key = JSON.stringify([keyOf(choice), picture, options]);
    if (this.#look?.key !== key) {
      this.panels.clear();
      const { pixels } = this.picture(picture);
      const watchers = new Set<Watcher>();
      const taken = this.working("computing", () => this.#take(open, pixels, { options, key, watchers }));
      this.#look = { key, taken, watchers };
      taken.catch(() => {
        if (this.#look?.taken === taken) this.#look = null;
      });
    }
    const { taken, watchers } = this.#look;
    if (watcher) watchers.add(watcher);
    const look = await taken;
    if (this.#look?.taken !== taken) throw new Replaced("another look was asked for meanwhile");
    return look;
  }

  async #take(
    { choice, scope }: OpenNetwork,
    pixels: PixelData,
    { options, key, watchers }: { readonly options: LookOptions; readonly key: string; readonly watchers: ReadonlySet<Watcher> },
  ): Promise<Look> {
    const { of = {}, parameters = [], silence = [] } = options;
    const kind = JSON.stringify([keyOf(choice), Object.keys(of), parameters]);
    if (!this.#forecast.has(kind)) {
      expectRoom(await scope.forecast(options), (await this.device()).memory().bytes);
      this.#forecast.add(kind);
    }
    let compiled = false;
    const start = performance.now();
    const look = await scope.look(pixels, {
      ...options,
      onKernel: (progress) => {
        compiled = true;
        const { kernels: done, of: all } = progress;
        this.#post({ event: "busy", text: "kernels compiled", done, of: all });
        for (const watcher of watchers) watcher(progress);
      },
    });
    if (!compiled && !options.of && silence.length === 0) this.speed.took(scope, performance.now() - start);
    if (this.#shown?.lost && this.#shown.key === key)
      this.#post({ event: "again", equal: sameBits(this.#shown.probabilities, look.probabilities) });
    this.#shown = { key, probabilities: look.probabilities, lost: false };
    return look;
  }

  /** Opens another device after two losses within a minute. */
  reopen(): void {
    if (this.#stopped === null) return;
    this.#stopped = null;
    this.#openAgain();
  }

  /** Seconds that a pass of a network is expected to take: from passes that were measured, or from one of a shipped network that is opened for it. */
  async forecast(choice: Choice): Promise<number> {
    const flops = flopsOf((await this.network(choice)).scope);
    const known = this.speed.secondsFor(flops);
    if (known !== null) return known;
    const device = await this.device();
    const [{ pixels }] = this.pictures.values();
    const net = await googlenet.load(device, new URL(googlenetWeights, import.meta.url));
    try {
      await this.working("timing a small network", () => this.speed.measure(net, microscope(net), pixels));
    } finally {
      net.dispose();
    }
    return this.speed.secondsFor(flops) as number;
  }

  /** A picture by its id. Throws where there is none. */
  picture(id: string): LabPicture {
    const found = this.pictures.get(id);
    if (!found) throw new Error(`there is no picture "${id}" here: pictures that were dropped do not travel with an address`);
    return found;
  }

  /** Runs work and says meanwhile that it is going on, and how far it is where the work says so. */
  async working<T>(text: string, work: (progress: (done: number, of: number) => void) => Promise<T>): Promise<T> {
    this.#post({ event: "busy", text });
    try {
      return await work((done, of) => this.#post({ event: "busy", text, done, of }));
    } finally {
      this.#post({ event: "busy", text: "" });
    }
  }

  /** Says how far the work that goes on has come. */
  progress(text: string, done: number, of: number): void {
    this.#post({ event: "busy", text, done, of });
  }

  async #open(): Promise<Device> {
    const device = await openDevice({ timestamps: true }).catch(() => openDevice());
    void device.lost.then((loss) => loss.reason === "unknown" && this.#lose(loss.message));
    this.panels.use(await Painter.open(device));
    return device;
  }

  #lose(message: string): void {
    const now = performance.now();
    const again = now - this.#lostAt > QUIET;
    this.#lostAt = now;
    this.panels.use(null);
    this.#device = null;
    this.#network = null;
    this.#look = null;
    this.#forecast.clear();
    if (this.#shown) this.#shown.lost = true;
    if (!again) this.#stopped = `no GPU device is open: it was lost twice within a minute (${message})`;
    this.#post({ event: "lost", message, again });
    if (again) this.#openAgain();
  }

  #openAgain(): void {
    void this.device().then(
      () => this.#post({ event: "reopened" }),
      ({ message }: Error) => {
        this.#stopped = message;
        this.#post({ event: "lost", message, again: false });
      },
    );
  }

  async #load(choice: Choice, before: Promise<OpenNetwork> | undefined): Promise<OpenNetwork> {
    await before?.then(({ net }) => net.dispose()).catch(() => undefined);
    const device = await this.device();
    const net = await this.working("reading weights", () => this.#opener(choice)(device));
    return { choice, net, scope: microscope(net) };
  }

  #opener({ net, weights }: Choice): Opener {
    const own = this.dropped.get(weights);
    if (own) return own;
    if (weights !== "quick")
      throw new Error(`the weights "${weights}" are not here: files that were dropped do not travel with an address; drop them again`);
    const family = FAMILIES[net];
    if (!family) throw new Error(`no weights ship for "${net}": drop a file`);
    return (device) => family.load(device, new URL(SHIPPED[net], import.meta.url));
  }
}

const sameBits = (a: Float32Array, b: Float32Array): boolean => a.length === b.length && a.every((value, i) => Object.is(value, b[i]));

const keyOf = ({ net, weights }: Choice): string => `${net} ${weights}`;
