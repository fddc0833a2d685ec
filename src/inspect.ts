// The entry striatum/inspect: everything inside a network, readable. Loaded only where it is wanted.
export { microscope } from "./library/microscope-of.ts";
export type {
  Channel,
  Forecast,
  LaunchMilliseconds,
  LayerNode,
  LookOptions,
  Microscope,
  ParameterInfo,
  PlanInfo,
  PlanPass,
  Roofs,
  Variant,
  VariantOptions,
  VerifyReport,
} from "./library/microscope.ts";
export type { Look, ReadOptions, ReferenceValues, ValueInfo, Window } from "./library/look.ts";
export type { FamilyKernels, KernelText, LaunchBinding, LaunchInfo, LaunchStage } from "./library/launches.ts";
export type { ReceptiveField } from "./library/fields.ts";
