// The entry striatum/inspect: everything inside a network, readable. Loaded only where it is wanted.
export { microscope } from "./library/microscope-of.ts";
export type { Forecast, LookOptions, Microscope, ParameterInfo, Roofs } from "./library/microscope.ts";
export type { VerifyReport } from "./library/verify-launch.ts";
export type { Channel } from "./library/silence.ts";
export type { Difference } from "./library/difference.ts";
export type { OtherValue } from "./library/other-value.ts";
export type { LayerNode } from "./library/layer-nodes.ts";
export type { ArenaValue, LaunchMilliseconds, PlanInfo } from "./library/plan-info.ts";
export type { PlanPass, Variant, VariantOptions } from "./library/variant.ts";
export type { Look, ReadOptions, ReferenceValues, TermsOptions } from "./library/look.ts";
export type { ValueInfo } from "./library/opened.ts";
export type { Position, Term, Terms, TermWindow } from "./library/terms.ts";
export type { Histogram, HistogramOptions } from "./library/histogram.ts";
export type { Exciting, ExcitingOptions, ExcitingPicture } from "./library/exciting.ts";
export type { LookProgress } from "./library/look-progress.ts";
export type { FamilyKernels, KernelText, LaunchBinding, LaunchInfo, LaunchStage } from "./library/launches.ts";
export type { Frame, ReceptiveField, Window } from "./library/fields.ts";
export {
  interpreter,
  untrainedInterpreter,
  type InterpretedLook,
  type Interpreter,
  type InterpretOptions,
  type UntrainedOptions,
  type Values64,
} from "./library/interpreter.ts";
export { kernelOwners, tryKernel } from "./library/trials.ts";
export type {
  KernelMessage,
  KernelOwners,
  KernelTrial,
  LaunchSetup,
  OwnerMap,
  OwnersOptions,
  TrialOptions,
  TrialVerdict,
  TriedOutput,
  WorstElement,
} from "./library/trials.ts";
