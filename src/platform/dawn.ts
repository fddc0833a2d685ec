// Dawn's toggles by name. Dawn silently ignores unknown flags and toggles, so every name is checked against this list.
//
// STRIATUM_DAWN adds to the profile, separated by commas:
//   safe | fast            the profile (default safe)
//   NAME | -NAME           a toggle of the list below switched on or off
//   adapter=TEXT           the first adapter whose name contains TEXT
//   backend=NAME           vulkan, metal, d3d12, ... or null, which checks everything and computes nothing
//   quiet | -quiet         Dawn's warnings about Mesa's software adapter hidden (dawn-warnings.ts) or not; the command line hides them
// for example STRIATUM_DAWN=fast,adapter=llvmpipe,dump_shaders

const TOGGLES = [
  "allow_unsafe_apis",
  "disable_blob_cache",
  "disable_robustness",
  "dump_shaders",
  "dump_shaders_on_failure",
  "enable_integer_range_analysis_in_robustness",
  "enable_spirv_validation",
  "lazy_clear_resource_on_first_use",
  "nonzero_clear_resources_on_creation_for_testing",
  "skip_validation",
  "timestamp_quantization",
  "use_user_defined_labels_in_backend",
  "use_vulkan_memory_model",
  "vulkan_enable_f16_on_nvidia",
  "vulkan_monolithic_pipeline_cache",
] as const;
export type DawnToggle = (typeof TOGGLES)[number];

const BACKENDS = ["null", "webgpu", "d3d11", "d3d12", "metal", "vulkan", "opengl", "opengles"] as const;
export type DawnBackend = (typeof BACKENDS)[number];

interface Profile {
  readonly enable: readonly DawnToggle[];
  readonly disable: readonly DawnToggle[];
}

/** `safe` is Dawn's default with timestamps to the nanosecond; `fast` also leaves out checks that a tested program does not need. */
const PROFILES = {
  safe: { enable: [], disable: ["timestamp_quantization"] },
  fast: { enable: ["skip_validation", "disable_robustness"], disable: ["timestamp_quantization"] },
} satisfies Record<string, Profile>;
export type DawnProfile = keyof typeof PROFILES;

export interface DawnOptions {
  readonly toggles?: DawnProfile;
  readonly enable?: readonly DawnToggle[];
  readonly disable?: readonly DawnToggle[];
  readonly backend?: DawnBackend;
  /** A part of the adapter's name. */
  readonly adapter?: string;
}

export interface DawnStart {
  readonly profile: DawnProfile;
  /** The strings for Dawn's `create()`. */
  readonly flags: string[];
  readonly quiet: boolean;
}

/** How to start Dawn. Where `extra` (STRIATUM_DAWN) and `options` differ, `extra` holds. */
export function dawnFlags(options: DawnOptions, extra = ""): DawnStart {
  let profile = options.toggles ?? "safe";
  let backend: string | undefined = options.backend;
  let adapter = options.adapter;
  let quiet = false;
  const switched = new Map<DawnToggle, boolean>();
  for (const name of options.enable ?? []) switched.set(name, true);
  for (const name of options.disable ?? []) switched.set(name, false);

  for (const word of extra.split(",").map((part) => part.trim())) {
    const toggle = TOGGLES.find((name) => name === word.replace(/^-/, ""));
    if (toggle) switched.set(toggle, !word.startsWith("-"));
    else if (word === "safe" || word === "fast") profile = word;
    else if (word === "quiet" || word === "-quiet") quiet = word === "quiet";
    else if (word.startsWith("adapter=")) adapter = word.slice("adapter=".length);
    else if (BACKENDS.some((name) => word === `backend=${name}`)) backend = word.slice("backend=".length);
    else if (word !== "")
      throw new Error(
        `STRIATUM_DAWN: "${word}" is not known; write safe or fast, quiet, adapter=TEXT, backend=${BACKENDS.join("|")}, ` +
          `or a toggle (-NAME switches it off): ${TOGGLES.join(", ")}`,
      );
  }

  const { enable, disable }: Profile = PROFILES[profile];
  const named = (on: boolean, byProfile: readonly DawnToggle[]): string =>
    TOGGLES.filter((name) => switched.get(name) === on || (byProfile.includes(name) && !switched.has(name))).join(",");
  const parts = { backend, adapter, "enable-dawn-features": named(true, enable), "disable-dawn-features": named(false, disable) };
  const flags = Object.entries(parts).flatMap(([key, value]) => (value ? [`${key}=${value}`] : []));
  return { profile, flags, quiet };
}
