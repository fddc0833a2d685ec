// Which browser this is, by name, and what a visitor can do there to get WebGPU.

/** Browsers that differ in what to do. */
export type BrowserName = "Chrome" | "Edge" | "Firefox" | "Safari" | "iOS" | "other";

/** The browser of a user agent string. Those built on Chromium name Chrome too, and all of iOS are Safari inside. */
export function browserOf(userAgent: string): BrowserName {
  if (/\b(iPhone|iPad|iPod)\b/.test(userAgent)) return "iOS";
  if (/\bEdg(A)?\//.test(userAgent)) return "Edge";
  if (/\bFirefox\//.test(userAgent)) return "Firefox";
  if (/\bChrom(e|ium)\/|\bHeadlessChrome\//.test(userAgent)) return "Chrome";
  if (/\bVersion\/[\d.]+.* Safari\//.test(userAgent)) return "Safari";
  return "other";
}

const ACCELERATION = (settings: string): string => `Switch hardware acceleration on: ${settings}, then start the browser again.`;
const CHROMIUM = (name: string, scheme: string): readonly string[] => [
  `${name} has WebGPU from version 113 on (Android: 121).`,
  ACCELERATION(`Settings, System, "Use graphics acceleration when available"`),
  `${scheme}://gpu says under WebGPU what is missing. On Linux it may need ${scheme}://flags/#enable-vulkan and #enable-unsafe-webgpu.`,
  `Without a GPU: start it with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader. A processor computes then, slowly.`,
];

/** What to do, in the order in which to try it. */
export const STEPS: Readonly<Record<BrowserName, readonly string[]>> = {
  Chrome: CHROMIUM("Chrome", "chrome"),
  Edge: CHROMIUM("Edge", "edge"),
  Firefox: [
    "Firefox has WebGPU from version 141 on under Windows and 145 on Macs with Apple's processors.",
    "Elsewhere: open about:config and set dom.webgpu.enabled to true. Firefox Nightly has it on.",
    ACCELERATION(`Settings, General, Performance, "Use hardware acceleration when available"`),
  ],
  Safari: [
    "Safari has WebGPU from version 26 on, with macOS 26.",
    "Before that: Settings, Feature Flags, WebGPU; or Chrome or Edge on the same Mac.",
  ],
  iOS: [
    "Every browser on iPhone and iPad is Safari inside: WebGPU is there from iOS and iPadOS 26 on.",
    "Update the system, or open this page on another machine.",
  ],
  other: ["WebGPU is in Chrome and Edge from version 113 on, Safari 26 and Firefox 141.", "Open this page in one of them."],
};
