// Texts of the shell, in one place for translation. Each room has a file of its own.
/** Networks by their names in the address. */
export const NETWORKS: Readonly<Record<string, string>> = { googlenet: "GoogLeNet", alexnet: "AlexNet", onnx: "ONNX" };

export const TEXT = {
  title: "Striatum, opened",
  sentence: "AlexNet and GoogLeNet run and learn in this tab. Every number can be opened. Nothing leaves your machine.",
  rooms: "Rooms",
  skip: "Skip to the stage",
  network: "Network",
  picture: "Picture",
  layers: "Layers",
  stage: "Stage",
  inspector: "Numbers",
  search: "Search",
  searchHint: "a layer, a room",
  nothingFound: "Nothing is called that.",
  keys: "Keys",
  close: "Close",
  theme: { auto: "Theme: as the system", light: "Theme: light", dark: "Theme: dark" },
  openFiles: "Open files",
  dropHere: "Drop pictures, weights, labels or an ONNX file anywhere on this page.",
  dropping: "Drop: pictures, weights (.caffemodel, .safetensors), labels, a mean, or an ONNX network",
  bytesSent: "0 bytes sent",
  bytesSentWhy:
    "This page asks only the server that it came from, for its own files. What you drop is read by this tab and stays in it. The page's Content-Security-Policy lets it connect to nothing else. Its workers are started so that the same policy holds them, and from the second visit on a service worker refuses requests to other hosts.",
  medical: "For research and teaching only, never for diagnosis.",
  onlyHere: "Run so far in Chromium on a software adapter; other browsers, phones and GPUs have not been tried.",
  software: (adapter: string): string =>
    `${adapter}: a processor computes in a GPU's place, so a pass takes seconds. The small networks are opened for that reason. If this machine has a GPU, the browser's settings may have hardware acceleration switched off.`,
  device: "Device",
  softwareChip: "processor",
  lost: (message: string): string => `The GPU device was lost (${message}). Another one is being opened.`,
  lostTwice: (message: string): string =>
    `The GPU device was lost twice within a minute (${message}), and no other is opened. The smaller network needs less of the GPU; where the browser refuses, it must be started again.`,
  openAgain: "Open another device",
  openedAgain: "Another GPU device was opened; what was shown is computed again.",
  sameAgain: "Another GPU device was opened. It computed the same picture again, with the same bits.",
  otherAgain: "Another GPU device was opened. It computed the same picture again, with other bits: the two devices differ.",
  offline: "offline",
  offlineWhy:
    "There is no network. This page keeps its files in this browser: the rooms, the small networks and the pictures work on, and so does what you drop. Decoders of compressed DICOM frames are fetched when they are first wanted; they wait for a network.",
  newer: "A newer version of this page is here. It is used once all tabs of this page are closed.",
  useNewer: "Use it now",
  memoryTaken: (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB of its memory are taken (${bytes} bytes).`,
  noDevice: {
    title: "This page computes on the GPU, and this browser gives it none",
    sentence:
      "Both networks run inside the tab, through WebGPU. Without it nothing can be computed here; nothing is sent to another machine instead.",
    todo: (browser: string): string =>
      browser === "other" ? "What to do" : `What to do in ${browser === "iOS" ? "a browser on iOS" : browser}`,
    reasonTitle: "What the library says",
    local: "Open the page over https or from localhost: browsers give WebGPU to no other.",
    textbook: "The textbook works without: its numbers are computed in this tab, in float64.",
    recorded: "Recorded: the strongest map of each block of the small GoogLeNet for one fractal, as Start draws them.",
    recordedAlt: "A grid of feature maps: edges of a fractal in the first blocks, coarser spots in the later ones",
  },
  question: {
    title: "A large network on a processor",
    measuring: "A small network is timed first, for a forecast.",
    forecast: (seconds: number): string =>
      `One pass of this network is expected to take about ${seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} minutes`} here: a processor computes in a GPU's place. The forecast is made from passes of a small network that were timed on this machine.`,
    run: "Run it",
    small: "Open the small one",
  },
  unknownKeys: (keys: readonly string[]): string =>
    `This address has keys that this room does not know: ${keys.join(", ")}. They are kept.`,
  noStyle: "The style sheet of this room could not be loaded. Enter it again to try once more.",
  unknownRoom: (room: string): string => `There is no room "${room}".`,
  busy: "Working",
  quick: "small weights that ship, learned from fractals",
  keysOf: { search: "search", keys: "this list", theme: "theme", escape: "close" },
} as const;
