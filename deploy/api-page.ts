// The reference of the public names as one page: read from the rolled-up declarations, written as Markdown. Every word of it is a doc comment's.
import { format } from "oxfmt";
import { parseSync } from "vite";

/** Public names by what a user does with them, in the order of the page. */
const GROUPS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries({
    "Opening a device": "openDevice DeviceOptions Device DeviceDescription DeviceMemory DeviceLoss KernelFamily WebGpuDevice WebGpuBuffer",
    Networks: `alexnet googlenet ModelFamily ModelOptions Model LoadOptions Classifier ClassifyOptions Guess LayerInfo RunOptions RunOnGpuOptions TensorValues
      GpuTensor SaveOptions`,
    "What a network looks at": "ExplainOptions Target Explanation",
    "Pictures and files": "loadImage PictureInput Picture PixelData PictureTensor DrawableImage PageObject Source FileLike UrlLike",
    Training: `train TrainRequest TrainingRun Best folder FolderOptions FolderSplit Folder sgd SgdOptions Solver fixedLr stepLr StepLrOptions polyLr Rate
      RateSteps TrainEvent NoteEvent CompileEvent StepEvent EpochEvent CheckpointEvent`,
    Profiling: "profile ProfileRequest ProfileReport ProfileTableOptions",
    "Training step by step (striatum/trainer)": `openTrainer TrainerOptions Trainer Sample Augmentation AugmentationDraw StepOptions StepResult Mark
      LayerMeasure TrainedBatch EvaluationResult`,
    "Synthetic pictures to train on (striatum/synthetic)":
      "fractals FractalSampleOptions phantoms PhantomSampleOptions SyntheticSamples SyntheticSample",
    "The study (striatum/study)": `caseFolder GivenFile PlacedFile GivenDirectory GivenFileHandle CaseFolder checkCases CheckCasesOptions CaseImageOptions
      CasesReport CheckedCaseInfo ReasonCount studyPrecision StudyPrecision openStudy StudyOptions SyntheticCases StudyModelName Study StudyJobInfo StudyForecast
      StudyProgress CasesEvent JobStartEvent JobEndEvent LookEvent StandingEvent StudyPredictions rocSummary RocSummary hasStoredStudy forgetStudy`,
    "Inside a network (striatum/inspect)": `microscope Microscope LayerNode ReceptiveField ParameterInfo LookOptions Channel OtherValue Difference Forecast Look ValueInfo ReadOptions Window
      LookProgress ReferenceValues TermsOptions Position Terms Term TermWindow Frame HistogramOptions Histogram ExcitingOptions Exciting ExcitingPicture PlanInfo ArenaValue LaunchInfo
       LaunchStage LaunchBinding KernelText FamilyKernels VerifyReport LaunchMilliseconds Roofs LaunchSetup OwnersOptions KernelOwners OwnerMap kernelOwners TrialOptions KernelTrial
       KernelMessage TrialVerdict WorstElement TriedOutput tryKernel VariantOptions PlanPass Variant
       interpreter Interpreter InterpretOptions InterpretedLook Values64 untrainedInterpreter UntrainedOptions`,
    "Networks of your own (striatum/networks)": `network NetworkDefinition NetworkLayers NetworkValue NetworkHead ConvolutionOptions PoolOptions BatchNormOptions
      ActivationName Filler gaussian xavier Outputs Pair Edges`,
    "ONNX files (striatum/onnx)": "readOnnx OnnxOptions OnnxModel Preprocessing TORCHVISION",
  }).map(([title, names]) => [title, names.split(/\s+/)]),
);

interface Documented {
  readonly name: string;
  /** Paragraphs of its doc comment; none where it has no comment. */
  readonly doc: readonly string[];
}

interface Member extends Documented {
  /** As a table shows it: what a property holds, or what a method takes and returns. */
  readonly type: string;
}

export interface ApiName extends Documented {
  readonly exported: boolean;
  readonly signature: string;
  readonly members: readonly Member[];
}

type Parsed = ReturnType<typeof parseSync>;
type Statement = Parsed["program"]["body"][number];

/** Every name that the declarations declare at their top level. Throws for a declaration of a kind that is not expected there. */
export function readApi(declarations: string): ApiName[] {
  const { program, comments, errors } = parseSync("index.d.ts", declarations, { lang: "dts" });
  if (errors.length > 0) throw new Error(`the declarations cannot be read: ${errors[0].message}`);
  const source: Source = { text: declarations, comments };
  const declared: { readonly at: number; readonly node: Statement }[] = [];
  const exported = new Set<string>();
  for (const statement of program.body) {
    const isExport = statement.type === "ExportNamedDeclaration";
    const node = isExport ? (statement.declaration as Statement | null) : statement;
    if (node) declared.push({ at: statement.start, node });
    if (node && isExport) exported.add(nameOf(node));
    if (isExport) for (const { exported: name } of statement.specifiers) if (name.type === "Identifier") exported.add(name.name);
  }
  return declared.map(({ at, node }) => {
    const name = nameOf(node);
    const doc = docBefore(at, source);
    // What is internal is named alone: the page does not know all that may be in it.
    return exported.has(name)
      ? { name, doc, exported: true, ...readDeclaration(node, source) }
      : { name, doc, exported: false, signature: "", members: [] };
  });
}

function nameOf(node: Statement): string {
  const id = node.type === "VariableDeclaration" ? node.declarations[0].id : "id" in node ? node.id : null;
  if (id?.type !== "Identifier") throw new Error(`a statement without a name of its own: ${node.type}`);
  return id.name;
}

interface Source extends Pick<Parsed, "comments"> {
  readonly text: string;
}

function readDeclaration(node: Statement, source: Source): Pick<ApiName, "signature" | "members"> {
  const textOf = ({ start, end }: { start: number; end: number }): string => source.text.slice(start, end).replace(/^declare |;$/g, "");
  if (node.type === "TSInterfaceDeclaration" || node.type === "ClassDeclaration") {
    const signature = textOf({ start: node.start, end: node.body.start }).trimEnd();
    return { signature, members: node.body.body.flatMap((member) => readMember(member, source)) };
  }
  const known = ["TSDeclareFunction", "FunctionDeclaration", "VariableDeclaration", "TSTypeAliasDeclaration"];
  if (!known.includes(node.type)) throw new Error(`a declaration of a kind that the page does not know: ${textOf(node)}`);
  return { signature: textOf(node), members: [] };
}

/** A member as a user sees it; nothing for what is private. */
function readMember(node: { readonly type: string; readonly start: number; readonly end: number }, source: Source): Member[] {
  const text = source.text.slice(node.start, node.end).replace(/;$/, "");
  if (/^(#|private )/.test(text)) return [];
  const property = /^(?:static )?(?:readonly )?([\w$]+)(\??): (.*)$/s.exec(text);
  const method = /^((?:static )?(?:[\w$]+|\[[\w.]+\]|))(\(.*\)): (.*?)$/s.exec(text);
  const getter = /^get ([\w$]+)\(\): (.*)$/s.exec(text);
  const doc = docBefore(node.start, source);
  if (getter) return [{ name: getter[1], type: getter[2], doc }];
  if (property && !method) return [{ name: property[1] + property[2], type: property[3], doc }];
  if (method) return [{ name: `${method[1]}()`, type: `${method[2]} => ${method[3]}`, doc }];
  throw new Error(`a member of a kind that the page does not know: ${text}`);
}

/** Paragraphs of the doc comment that ends where a node begins. */
function docBefore(at: number, { text, comments }: Source): string[] {
  const comment = comments.find(({ end }) => end <= at && text.slice(end, at).trim() === "");
  if (comment?.type !== "Block" || !comment.value.startsWith("*")) return [];
  const lines = comment.value.slice(1).split("\n");
  const paragraphs = lines.map((line) => line.replace(/^\s*\*? ?/, "").trimEnd()).join("\n");
  return paragraphs.split(/\n{2,}/).flatMap((paragraph) => paragraph.trim().replaceAll(/\s*\n\s*/g, " ") || []);
}

/** Names that the declarations declare and do not export: internal types that public ones reach. */
export const leaked = (api: readonly ApiName[]): string[] => api.filter(({ exported }) => !exported).map(({ name }) => name);

/** Public names, and members of them as "Name.member", without a doc comment. */
export const undocumented = (api: readonly ApiName[]): string[] =>
  api.flatMap(({ name, doc, members }) => [
    ...(doc.length > 0 ? [] : [name]),
    ...members.filter((member) => member.doc.length === 0).map((member) => `${name}.${member.name}`),
  ]);

/** The page, formatted as the repository is. Throws unless every public name stands in exactly one group. */
export async function apiPage(api: readonly ApiName[]): Promise<string> {
  const byName = new Map(api.map((each) => [each.name, each]));
  const placed = Object.values(GROUPS).flat();
  const lost = [...byName.keys()].filter((name) => !placed.includes(name));
  const gone = placed.filter((name, i) => !byName.has(name) || placed.indexOf(name) !== i);
  if (lost.length + gone.length > 0)
    throw new Error(`deploy/api-page.ts: no group has ${lost.join(", ") || "-"}; groups have, twice or in vain, ${gone.join(", ") || "-"}`);
  const links = linksTo(placed);
  const text = [
    "# The public names",
    "What the package `striatum` exports, the same in Node and in a page. [The library](library.md) has examples and install steps. A group " +
      "whose title names another entry is exported by that entry, which loads when it is imported.",
    "_Written by `npm run docs:api` from the doc comments of the names that [src/index.ts](../src/index.ts) and the other entries beside it export: edit those._",
    Object.entries(GROUPS)
      .map(([title, names]) => `- **${title}**: ${names.map((name) => links.get(name)).join(", ")}`)
      .join("\n"),
    ...Object.entries(GROUPS).flatMap(([title, names]) => [
      `## ${title}`,
      ...names.flatMap((name) => sectionOf(byName.get(name) as ApiName, links)),
    ]),
  ].join("\n\n");
  const { code, errors } = await format("api.md", text, { printWidth: 140 });
  if (errors.length > 0) throw new Error(`the page cannot be formatted: ${errors[0].message}`);
  return code;
}

/** Links to the headings of names. Hosts of Markdown make addresses of small letters, and number those that would be the same: `folder`, `Folder`. */
function linksTo(names: readonly string[]): Map<string, string> {
  const addresses = names.map((name) => name.toLowerCase());
  return new Map(
    names.map((name, i) => {
      const before = addresses.slice(0, i).filter((address) => address === addresses[i]).length;
      return [name, `[${name}](#${addresses[i]}${before > 0 ? `-${before}` : ""})`];
    }),
  );
}

function sectionOf({ name, doc, signature, members }: ApiName, links: ReadonlyMap<string, string>): string[] {
  const mentioned = [signature, ...members.map(({ type }) => type)].flatMap((text) => text.match(/\w+/g) ?? []);
  const types = [...new Set(mentioned)].filter((word) => word !== name && /^[A-Z]/.test(word)).flatMap((word) => links.get(word) ?? []);
  return [
    `### ${name}`,
    `\`\`\`ts\n${signature}\n\`\`\``,
    ...doc,
    ...(members.length === 0 ? [] : [tableOf(members)]),
    ...(types.length === 0 ? [] : [`Types: ${types.join(", ")}.`]),
  ];
}

function tableOf(members: readonly Member[]): string {
  const cell = (text: string): string => text.replaceAll(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
  const rows = members.map(({ name, type, doc }) => `| \`${name}\` | \`${cell(type)}\` | ${cell(doc.join(" "))} |`);
  return ["| member | type | meaning |", "| --- | --- | --- |", ...rows].join("\n");
}
