// Profiling a network: where a step's time goes on this device.
import { profileJson, profileTable, profileTrace, type TableOptions } from "../engine/profile-report.ts";
import { profileSession, type Profile } from "../engine/profiler.ts";
import { Session } from "../engine/session.ts";
import { MEAN, scoringGraph, storedSize, type GraphOptions } from "../train/graphs.ts";
import { sizeOf } from "../tensor/shape.ts";
import { noiseBatch } from "../train/noise-batch.ts";
import { Trainer, type Batch } from "../train/trainer.ts";
import type { Device } from "./device.ts";
import type { Model } from "./model.ts";

export interface ProfileRequest {
  /** Images a step. */
  readonly batch: number;
  /** A whole training step, or scoring. */
  readonly phase: "train" | "infer";
  /** Steps that count, after two to warm up. Default 10. */
  readonly repeats?: number;
}

export interface ProfileReport {
  /** Milliseconds, share of the step, GFLOP/s, GB/s and share of the measured roof, for people. */
  table(options?: TableOptions): string;
  /** Every number, for programs. */
  json(): object;
  /** Writes a trace that Perfetto, speedscope and chrome://tracing open. */
  saveTrace(path: string): Promise<void>;
}

/** Times every launch of a network's step, with weights and pixels that mean nothing. Wants a device opened with `timestamps: true`. */
export async function profile(device: Device, model: Model, { batch, phase, repeats }: ProfileRequest): Promise<ProfileReport> {
  const measured = await (phase === "train" ? profileTraining : profileScoring)(device, { ...model, batch }, repeats);
  return {
    table: (options) => profileTable(measured, options),
    json: () => profileJson(measured),
    saveTrace: (path) => device.engine.platform.files.write(path, JSON.stringify(profileTrace(measured))),
  };
}

async function profileTraining({ engine, sessionOptions }: Device, options: GraphOptions, repeats?: number): Promise<Profile> {
  const { network } = options;
  const trainer = await Trainer.open(engine, { ...options, momentum: 0.9, weightDecay: network.weightDecay }, sessionOptions);
  try {
    await trainer.start(0);
    // At rate 0 the step does all its work and the weights stay.
    trainer.train(noise(options), { seed: 0, step: 0, rate: 0 });
    return await profileSession(engine, trainer.step, repeats === undefined ? {} : { repeats });
  } finally {
    trainer.dispose();
  }
}

async function profileScoring({ engine, sessionOptions }: Device, options: GraphOptions, repeats?: number): Promise<Profile> {
  const { graph } = scoringGraph(options);
  const session = await Session.open(engine, graph, sessionOptions);
  try {
    // 1 / fan-in keeps activations at the size of pixels: neither zeros nor denormals, which some adapters compute at another speed.
    for (const { name, value } of graph.states) {
      const fanIn = sizeOf(value.shape) / (value.shape.at(-1) ?? 1);
      session.writeState(name, new Float32Array(sizeOf(value.shape)).fill(name === MEAN ? 0 : 1 / fanIn));
    }
    const { pixels, placement } = noise(options);
    session.feed("pixels", pixels);
    session.feed("placement", placement);
    return await profileSession(engine, session, repeats === undefined ? {} : { repeats });
  } finally {
    session.dispose();
  }
}

const noise = ({ network, size, batch, classes }: GraphOptions): Batch =>
  noiseBatch({ seed: 0, images: batch, stored: storedSize(network, size), classes });
