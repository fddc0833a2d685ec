// AlexNet at full size, batch 4: fc6's weight takes 150,994,944 bytes, more than many adapters bind at once (134,217,728). One training step, its
// outputs and gradients sampled in every slice and compared with float64: a slice that was not bound would show as zeros.
import { expect, test } from "vitest";
import { States } from "../../src/engine/buffers.ts";
import { Session } from "../../src/engine/session.ts";
import type { Node, Value } from "../../src/graph/graph.ts";
import { alexnet } from "../../src/models/alexnet.ts";
import { MEAN, momentumOf, storedSize } from "../../src/train/graphs.ts";
import { startGraph, trainingGraph } from "../../src/train/training-graphs.ts";
import { philox } from "../../src/tensor/philox.ts";
import { rateFloats, randomWords } from "../../src/train/step-inputs.ts";
import { testEngine } from "../support/engine.ts";

const BINDING = 134_217_728;
const INPUTS = 9216;
const OUTPUTS = 4096;
const RATE = 0.01;
const DECAY = 5e-4;
/** Rows of the weight that the samples look at: the first and last of each slice, and between. */
const ROWS = [0, 1, 777, 4607, 4608, 8191, 8192, 9000, 9215];
const COLUMNS = [0, 3, 1023, 2047, 2048, 4095];

/** Error bound of a sum of K products in float32: eps sqrt(K) times the sum of magnitudes, with 8 for the worst of some hundred samples. */
const allowed = (magnitude: number, terms: number): number => 8 * 2 ** -24 * Math.sqrt(terms) * magnitude;

test("fc6 beyond the binding limit: outputs, input gradient and weight gradient", async () => {
  const engine = await testEngine();
  const options = { network: alexnet, classes: 1000, batch: 4, momentum: 0.9, weightDecay: DECAY };
  const target = { maxBindingBytes: Math.min(BINDING, engine.target.maxBindingBytes) };
  const { graph } = trainingGraph(options);
  const nodeOf = (op: string, label: string): Node =>
    graph.nodes.find((node) => node.op.name === op && node.label.startsWith(label)) as Node;
  const forward = nodeOf("innerProduct", "fc6");
  const backward = nodeOf("innerProductBackwardData", "fc6");
  const shown: Record<string, Value> = {
    x: forward.inputs["x"],
    y: forward.outputs["y"],
    dy: backward.inputs["dy"],
    dx: backward.outputs["dx"],
  };
  for (const [name, value] of Object.entries(shown)) graph.output(name, value);

  const states = States.of(engine, graph);
  const start = await Session.open(engine, startGraph(options).graph, { states, target });
  start.feed("random", randomWords(1, 0));
  start.run();
  await engine.idle();
  start.dispose();
  const stored = storedSize(alexnet);
  states.write(MEAN, new Float32Array(stored * stored * 4).fill(118));
  const before = await states.read("fc6/weight");

  const session = await Session.open(engine, graph, { states, target });
  for (const op of ["innerProduct", "innerProductBackwardData", "innerProductUpdate"]) {
    const launches = session.plan.launches.filter(({ node }) => node.op.name === op && /^fc6(\/weight|\.|$)/.test(node.label));
    const slices = launches.flatMap(({ launch }) => Object.values(launch.slices ?? {})[0] ?? []);
    expect(slices.length, op).toBeGreaterThan(1);
    expect(slices, "slices").toHaveLength(launches.length);
    for (const { first, count } of slices) {
      const sampled = ROWS.filter((row) => row * OUTPUTS >= first && row * OUTPUTS < first + count);
      expect(sampled.length, `samples in the slice of ${op} from ${first}`).toBeGreaterThan(1);
    }
  }
  session.feed(
    "pixels",
    Uint32Array.from({ length: 4 * stored * stored }, (_, i) => philox([5, 0], [i >> 8, 0, 0, 1])[0] & 0xffffff),
  );
  session.feed("placement", new Uint32Array(16));
  session.feed("labels", Uint32Array.of(1, 20, 300, 999));
  session.feed("random", randomWords(1, 0));
  session.feed("rate", rateFloats(RATE));
  session.run();
  const [x, y, dy, dx] = [await session.read("x"), await session.read("y"), await session.read("dy"), await session.read("dx")];
  const bias = 0.1;
  let compared = 0;
  const expectNear = (got: number, terms: readonly number[], what: string): void => {
    const exact = terms.reduce((sum, term) => sum + term, 0);
    const magnitude = terms.reduce((sum, term) => sum + Math.abs(term), 0);
    expect(Math.abs(got - exact), what).toBeLessThanOrEqual(allowed(magnitude, terms.length));
    compared++;
  };

  for (let row = 0; row < 4; row++) {
    for (const m of COLUMNS) {
      const terms = Array.from({ length: INPUTS }, (_, k) => x[row * INPUTS + k] * before[k * OUTPUTS + m]);
      expectNear(y[row * OUTPUTS + m], [...terms, bias], `y[${row}, ${m}]`);
    }
    for (const k of ROWS) {
      const terms = Array.from({ length: OUTPUTS }, (_, m) => dy[row * OUTPUTS + m] * before[k * OUTPUTS + m]);
      expectNear(dx[row * INPUTS + k], terms, `dx[${row}, ${k}]`);
    }
  }
  // After the first step the momentum is rate (dw + decay w).
  const momentum = await states.read(momentumOf("fc6/weight"));
  const after = await states.read("fc6/weight");
  for (const k of ROWS) {
    for (const m of COLUMNS) {
      const at = k * OUTPUTS + m;
      const terms = [0, 1, 2, 3].map((row) => RATE * x[row * INPUTS + k] * dy[row * OUTPUTS + m]);
      expectNear(momentum[at], [...terms, RATE * DECAY * before[at]], `momentum[${k}, ${m}]`);
      expectNear(after[at], [before[at], -momentum[at]], `weight[${k}, ${m}]`);
    }
  }
  expect(compared).toBe(4 * (COLUMNS.length + ROWS.length) + 2 * ROWS.length * COLUMNS.length);
  expect(y.filter((value) => value === 0).length).toBeLessThan(y.length / 100);
  expect(momentum.subarray(8192 * OUTPUTS).some((value) => value !== 0)).toBe(true);
  session.dispose();
  states.dispose();
});
