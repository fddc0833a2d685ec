// The entry striatum/inspect: everything inside a network, readable. Loaded only where it is wanted.
export { microscope } from "./library/microscope-of.ts";
export type { Forecast, LookOptions, Microscope, ParameterInfo, Roofs, VerifyReport } from "./library/microscope.ts";
export type { Channel } from "./library/silence.ts";
export type { OtherValue } from "./library/other-value.ts";
export type { LayerNode } from "./library/layer-nodes.ts";
export type { LaunchMilliseconds, PlanInfo } from "./library/plan-info.ts";
export type { PlanPass, Variant, VariantOptions } from "./library/variant.ts";
export type { Look, ReadOptions, ReferenceValues, ValueInfo, Window } from "./library/look.ts";
export type { FamilyKernels, KernelText, LaunchBinding, LaunchInfo, LaunchStage } from "./library/launches.ts";
export type { ReceptiveField } from "./library/fields.ts";
