// striatum inspect: a network as its paper's table, as a graph, as a plan, as shaders, and its start on the images of a folder. Only the last needs an adapter.
import { Argument, type Command, InvalidArgumentError, Option } from "commander";
import { refuseLacks } from "../../dataset/readiness.ts";
import { stemOf, variantName } from "../../engine/linker.ts";
import { schedule } from "../../engine/schedule.ts";
import type { Graph, Value } from "../../graph/graph.ts";
import { hashGraph, printGraph } from "../../graph/print.ts";
import type { Op } from "../../graph/op.ts";
import { cases } from "../../kernels/cases/index.ts";
import type { Case } from "../../kernels/cases/case.ts";
import { allKernels } from "../../kernels/all.ts";
import { FAMILIES, type Call, type Family, type Kernel, type Launch, type Target } from "../../kernels/kernel.ts";
import { networkNamed, networks } from "../../models/index.ts";
import type { Network } from "../../models/network.ts";
import { optimise, type PassName } from "../../passes/index.ts";
import { ops, type OpName } from "../../ops/index.ts";
import { inferenceGraph, scoringGraph, type GraphOptions } from "../../train/graphs.ts";
import { startGraph, trainingGraph } from "../../train/training-graphs.ts";
import { DEFAULT_IMAGES } from "../../train/image-settings.ts";
import { defaultSettings, inspectStart, openCases, STARTS, type StartLaw } from "../../train/job.ts";
import { given } from "../given.ts";
import { formatNetwork, networkTable } from "../text/network-table.ts";
import { startText } from "../text/start.ts";
import type { Storage } from "../../engine/planner.ts";
import { passesOption, positive, share, storageOption, whole, withEngine } from "../options.ts";
import { print, printJson } from "../output.ts";
import { formatKernels, formatPlan, kernelUses, planJson } from "../text/plan.ts";
import { linkLaunch, MACHINE_NAMES, machineNamed, planOn } from "../targets.ts";

interface InspectOptions {
  readonly graph?: boolean;
  readonly plan?: boolean;
  readonly shaders?: boolean;
  readonly wgsl?: string;
  readonly start?: boolean;
  readonly data?: string;
  readonly init?: StartLaw;
  readonly pixelScale?: number;
  readonly training?: boolean;
  readonly batch: number;
  readonly classes: number;
  readonly width: number;
  readonly size?: number;
  readonly for?: string;
  readonly family?: Family;
  readonly passes: readonly PassName[];
  readonly storage: Storage;
  readonly json?: boolean;
}

export function registerInspect(program: Command): void {
  program
    .command("inspect")
    .description("show a network as its paper's table, as a graph, as a plan, as shaders, or its start on your images")
    .addArgument(new Argument("[net]", "network; --wgsl alone goes without").choices(Object.keys(networks)))
    .addOption(new Option("--graph", "the graph, one line a node").conflicts(["plan", "shaders", "wgsl"]))
    .addOption(new Option("--plan", "every launch in order, where its operands lie, and the memory").conflicts(["shaders", "wgsl"]))
    .addOption(new Option("--shaders", "the distinct shaders, and how many launches use each").conflicts("wgsl"))
    .option(
      "--wgsl <kernel>",
      "linked source of an op, a shader or a full variant name; without a network, of each kernel's first test case",
    )
    .addOption(
      new Option(
        "--start",
        "each layer's standard deviation and dead units before the first step, on 24 training images of --data, and the loss against chance; needs an adapter",
      ).conflicts(["graph", "plan", "shaders", "wgsl"]),
    )
    .option("--data <dir>", "with --start: folder of cases")
    .addOption(new Option("--init <how>", "with --start: initialization (default: reference)").choices(STARTS))
    .option("--pixel-scale <s>", "with --start: factor of the pixels after their mean is subtracted (default: 1)", positive)
    .option("--training", "the training step (default, except for the table)")
    .option("--no-training", "the scoring pass (the table's default)")
    .option("--batch <n>", "images per step", whole(1), 4)
    .option("--classes <n>", "classes", whole(2), 1000)
    .option("--width <share>", "share of the paper's channels: 1, 1/2, 1/4 ...", share, 1)
    .option("--size <pixels>", "side of the network's input (default: the paper's)", whole(32))
    .addOption(
      new Option("--for <machine>", "machine to plan for (default: this adapter; without one, WebGPU's default limits)").choices(
        MACHINE_NAMES,
      ),
    )
    .addOption(new Option("--family <family>", "kernel family to prefer (default: chosen for the machine)").choices(FAMILIES))
    .addOption(passesOption())
    .addOption(storageOption())
    .option("--json", "one JSON document on stdout")
    .action((net: string | undefined, options: InspectOptions) => inspect(net, options));
}

async function inspect(net: string | undefined, options: InspectOptions): Promise<void> {
  const { json = false, wgsl, family } = options;
  if (wgsl !== undefined) return showSource(wgsl, net, options);
  if (net === undefined) throw new InvalidArgumentError(`name a network: ${Object.keys(networks).join(" or ")}.`);
  const network = networkNamed(net);
  if (options.start) return showStart(network, options);
  const idle = START_OPTIONS.find(([key]) => options[key] !== undefined);
  if (idle) throw new InvalidArgumentError(`${idle[1]} wants --start.`);
  if (options.graph || options.plan || options.shaders) {
    const written = graphOf(network, options);
    const graph = optimise(written, options.passes);
    if (options.graph) {
      if (json) printJson({ hash: hashGraph(written), passes: options.passes, ...graphJson(graph) });
      else print(printGraph(graph).trimEnd());
      return;
    }
    const machine = await machineNamed(options.for);
    const plan = planOn(machine, graph, family, options.storage);
    if (options.plan) {
      const { passes } = options;
      if (json) printJson({ machine: machine.name, passes, ...planJson(plan) });
      else print(formatPlan(plan, passes));
    } else if (json) printJson({ machine: machine.name, shaders: kernelUses(plan) });
    else print(formatKernels(kernelUses(plan)));
    return;
  }
  const { classes, width, size = network.size, training = false } = options;
  const made = networkTable(network, { classes, width, size, training });
  if (json) printJson({ network: net, title: network.title, classes, width, size, training, ...made });
  else print(`${network.title}, input ${size} x ${size} x 3\n\n${formatNetwork(made)}`);
}

const START_OPTIONS = [
  ["data", "--data"],
  ["init", "--init"],
  ["pixelScale", "--pixel-scale"],
] as const;

/** What `train --inspect-start` prints, without a run's other settings. */
async function showStart(network: Network, { data: dir, width, size, init, pixelScale, json }: InspectOptions): Promise<void> {
  if (dir === undefined) throw new InvalidArgumentError("--start wants --data: a start is measured on images.");
  const settings = {
    ...defaultSettings(network, null),
    ...given({ width, size, init }),
    images: { ...DEFAULT_IMAGES, ...given({ pixelScale }) },
  };
  await withEngine(async (engine) => {
    const data = await openCases(engine.platform, dir, settings, { only: ["train"] });
    refuseLacks(data.lacks("train"));
    const report = await inspectStart(settings, { engine, data, tuning: null });
    return json ? printJson(report) : print(startText(report));
  });
}

const graphOptions = (network: Network, { batch, classes, width, size = network.size }: InspectOptions): GraphOptions => ({
  network,
  batch,
  classes,
  width,
  size,
});

function graphOf(network: Network, options: InspectOptions): Graph {
  const made = graphOptions(network, options);
  return options.training === false
    ? scoringGraph(made).graph
    : trainingGraph({ ...made, momentum: 0.9, weightDecay: network.weightDecay, scaledLoss: options.storage === "f16" }).graph;
}

function graphJson(graph: Graph): object {
  const typed = ({ name, dtype, shape }: Value): object => ({ name, dtype, shape });
  return {
    inputs: graph.inputs.map(typed),
    states: graph.states.map(({ value, next }) => ({ ...typed(value), next: next?.name ?? null })),
    nodes: graph.nodes.map(({ op, label, inputs, outputs, attributes }) => ({
      op: op.name,
      label,
      inputs: Object.fromEntries(Object.entries(inputs).map(([port, { name }]) => [port, name])),
      outputs: Object.fromEntries(Object.entries(outputs).map(([port, value]) => [port, typed(value)])),
      attributes,
    })),
    outputs: Object.fromEntries([...graph.outputs].map(([name, value]) => [name, value.name])),
  };
}

/** A problem of a kernel: from a node of a network, or from a test case. */
interface Request {
  readonly op: string;
  readonly call: Omit<Call<any, any, any>, "target">;
}

async function showSource(wanted: string, net: string | undefined, options: InspectOptions): Promise<void> {
  const { target } = await machineNamed(options.for);
  const requests = net === undefined ? controls() : lifeOf(networkNamed(net), options).flatMap(requestsOf);
  const families = options.family ? [options.family] : FAMILIES;
  const variants = new Map(requests.flatMap((request) => variantsOf(request, target, families)).map((variant) => [variant.name, variant]));
  const exact = variants.get(wanted);
  const found = exact ? [exact] : [...variants.values()].filter(({ stem, op }) => stem === wanted || op === wanted);
  if (found.length === 0) {
    const names = [...new Set([...variants.values()].flatMap(({ op, stem }) => [op, stem]))].sort((a, b) => a.localeCompare(b));
    throw new InvalidArgumentError(`no kernel is named "${wanted}". Ops and shaders here: ${names.join(", ")}.`);
  }
  const sources = found.map(({ name, op, family, launch }) => ({ kernel: name, op, family, wgsl: linkLaunch(launch).code.trimEnd() }));
  if (options.json) printJson(sources);
  else print(sources.map(({ kernel, op, family, wgsl }) => `// ${kernel}: ${op}, ${family} family\n${wgsl}`).join("\n\n"));
}

/** The first case of every kernel's list. */
function controls(): Request[] {
  return Object.entries<Readonly<Record<string, Case>>>(cases).map(([name, list]) => {
    const { inputs, attributes } = Object.values(list)[0];
    const op: Op = ops[name as OpName];
    return { op: name, call: { inputs, outputs: op.infer(inputs, attributes, name), attributes, label: name } };
  });
}

/** All graphs of a network: the training step, scoring, initialization, inference. */
function lifeOf(network: Network, options: InspectOptions): Graph[] {
  const made = graphOptions(network, options);
  const written = [
    graphOf(network, { ...options, training: true }),
    ...[scoringGraph, startGraph, inferenceGraph].map((of) => of(made).graph),
  ];
  return written.map((graph) => optimise(graph, options.passes));
}

const requestsOf = (graph: Graph): Request[] =>
  schedule(graph).map(({ op, label, inputs, outputs, attributes }) => ({ op: op.name, call: { inputs, outputs, attributes, label } }));

/** A shader variant and its launches. */
interface ShaderVariant {
  readonly name: string;
  readonly stem: string;
  readonly op: string;
  readonly family: Family;
  readonly launch: Launch;
}

/** By every family that accepts the request, whether or not that family is the machine's first choice. */
function variantsOf({ op, call }: Request, target: Target, families: readonly Family[]): ShaderVariant[] {
  const kernel = (allKernels as Readonly<Record<string, Kernel>>)[op];
  return families.flatMap((family) =>
    (kernel?.[family]?.({ ...call, target })?.launches ?? []).map((launch) => ({
      name: variantName(launch.shader, launch),
      stem: stemOf(launch.shader),
      op,
      family,
      launch,
    })),
  );
}
