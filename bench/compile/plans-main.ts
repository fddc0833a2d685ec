// The process that compiles: plans training steps or scoring passes for the adapter that layer.ts's environment gives, compiles every pipeline, and
// writes what was launched and compiled as JSON. usage: plans-main.ts REQUEST.json OUT.json; compile.ts starts it.
import { readFileSync, writeFileSync } from "node:fs";
import { openEngine, type Engine } from "../../src/engine/engine.ts";
import type { LinkedShader } from "../../src/engine/linker.ts";
import type { PlannedLaunch } from "../../src/engine/planner.ts";
import { planFor } from "../../src/engine/session.ts";
import { networkNamed } from "../../src/models/index.ts";
import { openNodePlatform } from "../../src/platform/node.ts";
import { measuredGraph } from "../../src/train/noise-session.ts";
import type { Compiled, CompiledPipeline, CompileRequest, LaunchFacts, Step, Statistics } from "./compile.ts";

const [requestPath, outPath] = process.argv.slice(2);
const request = JSON.parse(readFileSync(requestPath, "utf8")) as CompileRequest;
const reports = process.env.STRIATUM_COMPILED ?? "";

/** Compiles pipelines one after another, each text once. */
class Compiler {
  readonly pipelines: CompiledPipeline[] = [];
  readonly #byText = new Map<string, CompiledPipeline>();
  readonly #engine: Engine;
  #reports = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async compile(shader: LinkedShader): Promise<void> {
    if (this.pipelines.some(({ name }) => name === shader.name)) return;
    const known = this.#byText.get(shader.code);
    const made = known ? { ...known, name: shader.name } : await this.#compile(shader);
    this.#byText.set(shader.code, made);
    this.pipelines.push(made);
  }

  async #compile(shader: LinkedShader): Promise<CompiledPipeline> {
    const started = performance.now();
    await this.#engine.compile(shader);
    const n = this.#reports++;
    const read = (suffix: string): string => readFileSync(`${reports}/${n}.${suffix}`, "utf8");
    writeFileSync(`${reports}/${n}.wgsl`, shader.code);
    return {
      name: shader.name,
      n,
      milliseconds: Math.round(performance.now() - started),
      statistics: JSON.parse(read("json")) as Statistics,
      assembly: read("asm.txt"),
    };
  }
}

const factsOf = ({ node, family, launch, shader }: PlannedLaunch): LaunchFacts => ({
  label: node.label,
  op: node.op.name,
  family,
  kernel: shader.name,
  shader: launch.shader,
  params: launch.params ?? {},
  dims: launch.dims,
  workgroups: launch.workgroups[0] * launch.workgroups[1] * launch.workgroups[2],
  flops: launch.flops,
  bytes: launch.bytes,
});

const engine = await openEngine(await openNodePlatform({ toggles: request.profile ?? "safe", enable: ["allow_unsafe_apis"] }));
const { lanes, families, only, storage = "f32" } = request;
const options = {
  storage,
  ...(families && { families }),
  ...(lanes !== undefined && { target: { subgroupSize: lanes } }),
};
if (storage === "f16") await engine.loadHalves();
const compiler = new Compiler(engine);
const steps: Step[] = [];
for (const { net, graph, batch } of request.steps) {
  const network = networkNamed(net);
  const plan = planFor(engine, measuredGraph(graph, { network, batch, classes: 1000, width: 1, size: network.size }), options);
  steps.push({ net, graph, batch, peakBytes: plan.peakBytes, launches: plan.launches.map(factsOf) });
  for (const { shader } of plan.launches) if (only === undefined || shader.name.startsWith(only)) await compiler.compile(shader);
}
const { subgroupSize, subgroupMatrix } = engine.target;
const compiled: Compiled = {
  adapter: engine.adapterName,
  driver: engine.info.description,
  subgroupSize,
  subgroupMatrix: subgroupMatrix ?? null,
  steps,
  pipelines: compiler.pipelines,
};
writeFileSync(outPath, JSON.stringify(compiled));
// Dawn would wait for a device that never works.
process.exit(0);
