// What all rooms use in the worker: the device, the network that is open with a microscope on it, the pictures, and the canvases.
import { alexnet, googlenet, openDevice, type Classifier, type Device, type ModelFamily, type PixelData } from "striatum";
import { microscope, type Look, type LookOptions, type Microscope } from "striatum/inspect";
import alexnetWeights from "../../../data/weights/alexnet-quarter-fractals.safetensors?url";
import googlenetWeights from "../../../data/weights/googlenet-quarter-fractals.safetensors?url";
import { Painter } from "./painter.ts";
import { Panels } from "./panels.ts";
import type { FromWorker } from "./protocol.ts";

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
  readonly #post: (message: FromWorker) => void;
  #device: Promise<Device> | null = null;
  #network: { readonly key: string; readonly opening: Promise<OpenNetwork> } | null = null;
  #look: { readonly key: string; readonly taken: Promise<Look> } | null = null;
  #lostAt = -Infinity;

  constructor(post: (message: FromWorker) => void) {
    this.#post = post;
  }

  /** The device, opened at the first call. */
  device(): Promise<Device> {
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
   * of it.
   */
  async look(choice: Choice, picture: string, options: LookOptions = {}): Promise<Look> {
    const { scope } = await this.network(choice);
    const key = JSON.stringify([keyOf(choice), picture, options]);
    if (this.#look?.key !== key) {
      this.panels.clear();
      const { pixels } = this.picture(picture);
      const taken = this.working("computing", () => scope.look(pixels, options));
      this.#look = { key, taken };
      taken.catch(() => {
        if (this.#look?.taken === taken) this.#look = null;
      });
    }
    return this.#look.taken;
  }

  /** A picture by its id. Throws where there is none. */
  picture(id: string): LabPicture {
    const found = this.pictures.get(id);
    if (!found) throw new Error(`there is no picture "${id}" here: pictures that were dropped do not travel with an address`);
    return found;
  }

  /** Runs work and says meanwhile that it is going on. */
  async working<T>(text: string, work: () => Promise<T>): Promise<T> {
    this.#post({ event: "busy", text });
    try {
      return await work();
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
    this.#post({ event: "lost", message, again });
    if (again)
      void this.device().then(
        () => this.#post({ event: "reopened" }),
        () => undefined,
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
    return (device) => family.load(device, new URL(SHIPPED[net], location.href));
  }
}

const keyOf = ({ net, weights }: Choice): string => `${net} ${weights}`;
