// What the rooms get of the page: the address, the worker, the network and the picture that are open.
import { computed, effect, signal, type ReadonlySignal, type Signal } from "@preact/signals-core";
import type { TemplateResult } from "lit-html";
import { Client } from "../worker/client.ts";
import type { Choice, NetworkName } from "../worker/lab.ts";
import type * as Methods from "../worker/lab-methods.ts";
import type { DeviceInfo, NetworkInfo, PictureInfo } from "../worker/lab-methods.ts";
import { REPLACED, type Remote } from "../worker/protocol.ts";
import { TEXT } from "../text.ts";
import { changed, parseAddress, writeAddress, type Address, type AddressChange } from "./address.ts";
import type { Binding } from "./keys.ts";

/** A room that is open. */
export interface OpenRoom {
  /** What the stage shows. Called again whenever a signal that it read changes. */
  stage(): TemplateResult;
  /** What the inspector shows; nothing by default. */
  inspector?(): TemplateResult;
  /** Keys that the room adds. */
  readonly bindings?: readonly Binding[];
  /** Whether it has something to show where there is no device. */
  readonly worksWithoutDevice?: boolean;
  /** Takes what was dropped on the page; false leaves it to the page. Called within the event. */
  drop?(transfer: DataTransfer): boolean;
  /** Frees what the room took. */
  close(): void;
}

/** A room's module. */
export interface RoomModule {
  open(page: Page): OpenRoom;
}

/** Keys of the address that every room knows. */
export const SHARED_KEYS = ["net", "w", "pic"] as const;
/** A pass of more than this is asked about where a processor computes in a GPU's place: ten times what the shipped networks take. */
export const MANY_FLOPS = 2e8;
/** A pass that takes longer there is asked about. */
const LONG_SECONDS = 5;
/** Milliseconds in which the loss of a device is heard of that made a call fail. */
const SETTLING = 150;
const DEFAULT_NET = "googlenet";
const DEFAULT_WEIGHTS = "quick";

/** The page as its rooms see it. */
export class Page {
  readonly client = new Client();
  readonly lab: Remote<typeof Methods> = this.client.remote<typeof Methods>("lab");
  readonly address: Signal<Address> = signal(parseAddress(location.hash));
  /** The device; null until it is open. */
  readonly device = signal<DeviceInfo | null>(null);
  /** The network of the address; null until it is open. */
  readonly network = signal<NetworkInfo | null>(null);
  /** The set of pictures. */
  readonly pictures = signal<readonly PictureInfo[]>([]);
  /** What went wrong last: a sentence for the visitor. */
  readonly problem = signal("");
  /** Why there is no device to begin with; empty where there is one. */
  readonly noDevice = signal("");
  /** A network that would take long to run: how long, or null while that is measured. Nothing runs before `accept`. */
  readonly question = signal<{ readonly seconds: number | null } | null>(null);
  /** What happened last that is worth a sentence. */
  readonly notice = signal("");
  /** The network that the address names. */
  readonly choice: ReadonlySignal<Choice> = computed(() => {
    const { net = DEFAULT_NET, w = DEFAULT_WEIGHTS } = this.address.value.keys;
    return { net: net as NetworkName, weights: w };
  });
  /** Id of the picture that the address names, or of the first; null until the set is here. */
  readonly picture: ReadonlySignal<string | null> = computed(() => this.address.value.keys["pic"] ?? this.pictures.value[0]?.id ?? null);

  /** Networks that the visitor wants to be run though they take long. */
  readonly #accepted = new Set<string>();
  #accept: () => void = () => undefined;

  constructor() {
    addEventListener("hashchange", () => (this.address.value = parseAddress(location.hash)));
  }

  /** Opens device, pictures and network, and goes on opening what the address names. */
  start(): void {
    effect(() => {
      void this.client.devices.value;
      void this.#try(async () => {
        try {
          this.device.value = await this.lab.device();
        } catch (error) {
          if (this.device.peek()) throw error;
          this.noDevice.value = (error as Error).message;
        }
      });
    });
    effect(() => {
      if (this.client.devices.value > 0) this.notice.value = TEXT.openedAgain;
    });
    effect(() => {
      const { again } = this.client;
      if (again.value) this.notice.value = again.value.equal ? TEXT.sameAgain : TEXT.otherAgain;
    });
    document.addEventListener("visibilitychange", () => void this.lab.setHidden(document.hidden));
    void this.#try(async () => (this.pictures.value = await this.lab.pictures()));
    let key = "";
    effect(() => {
      const { net, weights } = this.choice.value;
      const asked = `${net} ${weights} ${this.client.devices.value}`;
      if (asked === key) return;
      key = asked;
      this.network.value = null;
      this.question.value = null;
      void this.#try(async () => {
        const info = await this.lab.network({ net, weights });
        await this.#ask({ net, weights }, info.flops, () => asked === key);
        if (asked === key) this.network.value = info;
      });
    });
  }

  /** Runs the network that `question` asks about. */
  accept(): void {
    this.#accept();
  }

  /** Resolves at once for a network that runs in seconds, otherwise once the visitor wants it to be run. */
  async #ask({ net, weights }: Choice, flops: number, isCurrent: () => boolean): Promise<void> {
    const key = `${net} ${weights}`;
    const { isSoftware } = this.device.peek() ?? (await this.lab.device());
    if (!isSoftware || flops < MANY_FLOPS || this.#accepted.has(key)) return;
    this.question.value = { seconds: null };
    const seconds = await this.lab.forecast({ net, weights });
    if (!isCurrent()) return;
    if (seconds > LONG_SECONDS) {
      this.question.value = { seconds };
      await new Promise<void>((resolve) => (this.#accept = resolve));
      this.#accepted.add(key);
    }
    this.question.value = null;
  }

  /** Changes the address; a step of the history unless it replaces the last one. */
  go(change: AddressChange, options: { readonly replace?: boolean } = {}): void {
    const next = changed(this.address.value, withoutDefaults(change));
    const hash = writeAddress(next);
    if (hash === location.hash) return;
    if (options.replace) history.replaceState(null, "", hash);
    else history.pushState(null, "", hash);
    this.address.value = next;
  }

  /** Address of a change, for links. */
  link(change: AddressChange): string {
    return writeAddress(changed(this.address.value, withoutDefaults(change)));
  }

  /** Takes files that were dropped or chosen, and shows what they are. */
  async take(files: readonly File[]): Promise<void> {
    await this.#try(async () => {
      const taken = await this.lab.drop(files);
      this.pictures.value = await this.lab.pictures();
      const refused = taken.flatMap((each) => (each.is === "refused" ? [`${each.file}: ${each.reason}`] : []));
      this.notice.value = taken.flatMap(({ file, is }) => (is === "refused" ? [] : [`${file}: ${is}`])).join("; ");
      this.problem.value = refused.join(" ");
      const picture = taken.findLast((each) => each.is === "picture");
      const weights = taken.findLast((each) => each.is === "weights");
      if (weights) this.go({ keys: { net: weights.net, w: weights.weights } });
      if (picture) this.go({ keys: { pic: picture.id } });
    });
  }

  /** Runs work of a room; an error becomes the page's problem. Null where it failed. */
  async attempt<T>(work: () => Promise<T>): Promise<T | null> {
    return this.#try(work);
  }

  async #try<T>(work: () => Promise<T>): Promise<T | null> {
    const { devices, lost } = this.client;
    const before = devices.peek();
    try {
      const result = await work();
      return result;
    } catch (error) {
      if ((error as Error).name === REPLACED) return null;
      // What a lost device makes fail is not said beside the loss, and not without any device.
      await new Promise((resolve) => setTimeout(resolve, SETTLING));
      if (lost.peek() || devices.peek() !== before || this.noDevice.peek()) return null;
      this.problem.value = (error as Error).message;
      return null;
    }
  }
}

function withoutDefaults({ keys = {}, ...change }: AddressChange): AddressChange {
  const { net, w } = keys;
  return { ...change, keys: { ...keys, ...(net === DEFAULT_NET && { net: "" }), ...(w === DEFAULT_WEIGHTS && { w: "" }) } };
}
