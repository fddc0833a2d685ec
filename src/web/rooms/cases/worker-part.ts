// The worker part of Cases: the loaded set scored by a network, and a study's pictures and weights put where Look finds them.
import { alexnet, googlenet, type Picture } from "striatum";
import alexnetWeights from "../../../../data/weights/alexnet-quarter-fractals.safetensors?url";
import googlenetWeights from "../../../../data/weights/googlenet-quarter-fractals.safetensors?url";
import type { Choice, Lab } from "../../worker/lab.ts";

/** A picture of the set that has a label: its name is one of the network's classes. */
export interface ScoredPicture {
  readonly id: string;
  readonly label: number;
  readonly probabilities: readonly number[];
}

const SHIPPED = { alexnet: [alexnet, alexnetWeights], googlenet: [googlenet, googlenetWeights] } as const;

/** Scores the pictures of the set whose names are classes of the open network. */
export async function scoreSet(lab: Lab, choice: Choice): Promise<{ readonly labels: readonly string[]; readonly cases: ScoredPicture[] }> {
  const { net } = await lab.network(choice);
  return { labels: net.labels, cases: await score(lab, net) };
}

/** Scores the same pictures with one of the networks that ship, which is opened for it. */
export async function scoreSecond(lab: Lab, name: "alexnet" | "googlenet"): Promise<ScoredPicture[]> {
  const [family, url] = SHIPPED[name];
  const net = await family.load(await lab.device(), new URL(url, import.meta.url));
  try {
    return await score(lab, net);
  } finally {
    net.dispose();
  }
}

async function score(
  lab: Lab,
  net: { readonly labels: readonly string[]; readonly classify: Awaited<ReturnType<Lab["network"]>>["net"]["classify"] },
): Promise<ScoredPicture[]> {
  const known = [...lab.pictures].flatMap(([id, { name, pixels }]) => {
    const label = net.labels.indexOf(name.replace(/\.\w+$/, ""));
    return label < 0 ? [] : [{ id, label, pixels }];
  });
  if (known.length === 0) return [];
  const guesses = await lab.working("scoring the set", () =>
    net.classify(
      known.map(({ pixels }) => pixels),
      { top: net.labels.length },
    ),
  );
  return known.map(({ id, label }, i) => {
    const probabilities = Array.from({ length: net.labels.length }, () => 0);
    for (const { index, score: p } of guesses[i]) probabilities[index] = p;
    return { id, label, probabilities };
  });
}

/** Weights of a model, under the name that an address has for them. */
interface PlacedWeights {
  readonly name: string;
  readonly net: "alexnet" | "googlenet";
  readonly bytes: Uint8Array;
}

/** Puts weights into the lab, so that Look can open them. */
export function placeWeights(lab: Lab, { name, net, bytes }: PlacedWeights): void {
  lab.dropped.set(name, (device) => SHIPPED[net][0].load(device, bytes));
}

/** Puts a study's picture and the weights of a model into the lab. */
export function place(lab: Lab, name: string, { width, height, channels, data }: Picture, weights: PlacedWeights): void {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[channels * i + (channels === 3 ? c : 0)];
  lab.pictures.set(name, { name, pixels: { width, height, data: rgb } });
  placeWeights(lab, weights);
}
