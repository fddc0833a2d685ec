// `navigator.gpu` in Node for web libraries, from the platform's Dawn.

/** Sets `globalThis.navigator`; the constants of WebGPU are globals since the platform was opened. */
export function installNavigator(gpu: GPU): void {
  const value = { gpu, userAgent: "node", platform: process.platform, hardwareConcurrency: 1 };
  Object.defineProperty(globalThis, "navigator", { value, configurable: true, writable: true });
}
