// What apt has to do on this machine, as a plan of commands: a pure function of the machine's state, so that it can be printed before it is run.

/** A command as a person could type it; `input` goes to its standard input. */
export interface Step {
  readonly argv: readonly string[];
  readonly input?: string;
  /** A failure is ignored, as an unrelated broken source must not stop setup; the next step decides. */
  readonly mayFail?: boolean;
}

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly hasApt: boolean;
  /** ID, ID_LIKE, VERSION_CODENAME, ... of /etc/os-release. */
  readonly release: Readonly<Record<string, string>>;
  /** Versions by dpkg-query of the packages that are installed. */
  readonly installed: Readonly<Record<string, string>>;
  readonly sources: readonly AptSource[];
  /** Debian's keyring file, if it is in Debian's usual place. */
  readonly keyring?: string;
}

/** One package index that apt is configured to use, whichever format its file has. */
export interface AptSource {
  /** "bookworm", "bookworm-backports", or an alias such as "stable". */
  readonly suite: string;
  readonly codename: string;
  readonly uri: string;
  readonly component: string;
}

/** `prepare` goes before apt-get update, `install` after it. */
export interface Work {
  readonly prepare: readonly Step[];
  readonly install: readonly Step[];
}
export type Plan = Work | { readonly unable: string };

/** Mesa 22.3 lacks a feature that Dawn needs, and gives no adapter. */
const OLDEST_MESA = 23;
const DRIVER = ["mesa-vulkan-drivers", "libvulkan1"];
export const BACKPORTS_FILE = "/etc/apt/sources.list.d/striatum-backports.sources";

/** Releases whose own Mesa is too old; true where backports have a newer one. */
const OLD_RELEASES: Readonly<Record<string, boolean>> = { bookworm: true, bullseye: false, buster: false, focal: false, bionic: false };

/** How to install a software Vulkan adapter on a machine without one. */
export function planDriver(machine: Machine): Plan {
  if (machine.platform !== "linux") return { unable: `${machine.platform} includes its graphics driver: update the system` };
  if (!machine.hasApt)
    return {
      unable:
        "this system has no apt-get: install, with its own package manager, the Vulkan loader and Mesa's software driver, 23 or later " +
        "(Fedora: vulkan-loader mesa-vulkan-drivers; Arch: vulkan-icd-loader vulkan-swrast)",
    };
  const mesa = machine.installed["mesa-vulkan-drivers"];
  if (mesa !== undefined && mesaMajor(mesa) >= OLDEST_MESA && machine.installed.libvulkan1 !== undefined)
    return {
      unable:
        `mesa-vulkan-drivers ${mesa} and libvulkan1 are installed, but no adapter was found: check that STRIATUM_DAWN, VK_DRIVER_FILES, ` +
        "VK_ICD_FILENAMES and VK_LOADER_DRIVERS_SELECT are unset; VK_LOADER_DEBUG=error,driver prints what the loader tries",
    };
  const codename = codenameOf(machine);
  const inBackports = OLD_RELEASES[codename];
  if (inBackports === undefined) return { prepare: [], install: [aptInstall(DRIVER)] };
  if (!inBackports) return { unable: `the Mesa of ${codename} is older than ${OLDEST_MESA}, also in backports: use a later release` };
  const suite = `${codename}-backports`;
  const configured = machine.sources.some((source) => source.suite === suite || source.codename === suite);
  return { prepare: configured ? [] : [addBackports(machine, codename)], install: [aptInstall(DRIVER, suite)] };
}

/** How to install Chromium for the browser tests. */
export function planChromium(machine: Machine): Plan {
  if (!machine.hasApt || machine.release.ID === "ubuntu")
    return { unable: "this system has no Chromium package for apt: install Chrome, or set STRIATUM_CHROMIUM to a Chromium" };
  return { prepare: [], install: [aptInstall(["chromium"])] };
}

export const aptUpdate: Step = { argv: ["apt-get", "update"], mayFail: true };

/** "25.0.7-2~bpo12+1" -> 25, "1:22.3.6-1" -> 22. */
export const mesaMajor = (version: string): number => Number.parseInt(version.replace(/^\d+:/, ""), 10);

/** Derivatives of Ubuntu name its release apart from their own. */
const codenameOf = ({ release }: Machine): string => release.UBUNTU_CODENAME ?? release.VERSION_CODENAME ?? "";

const aptInstall = (packages: readonly string[], suite?: string): Step => ({
  argv: [
    ..."env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120".split(" "),
    ...(suite === undefined ? [] : ["-t", suite]),
    ...packages,
  ],
});

/** A source file of our own beside the user's, at the address from which this machine takes the release itself. */
function addBackports(machine: Machine, codename: string): Step {
  const own = machine.sources.find(
    ({ suite, codename: name, component }) => (suite === codename || name === codename) && component === "main",
  );
  const lines = [
    "Types: deb",
    `URIs: ${own?.uri ?? "http://deb.debian.org/debian/"}`,
    `Suites: ${codename}-backports`,
    "Components: main",
    ...(machine.keyring === undefined ? [] : [`Signed-By: ${machine.keyring}`]),
  ];
  return { argv: ["tee", BACKPORTS_FILE], input: `${lines.join("\n")}\n` };
}
