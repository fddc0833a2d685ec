// What headless Chromium is started with, so that WebGPU runs on SwiftShader.

export const CHROMIUM_FLAGS: string[] = [
  "--no-sandbox",
  "--disable-quic",
  "--disable-background-networking",
  "--enable-unsafe-webgpu",
  "--ignore-gpu-blocklist",
  "--enable-gpu",
  "--enable-features=Vulkan",
  "--use-vulkan=swiftshader",
  "--use-angle=swiftshader",
];
