// What a device is and what it can do, as plain JSON.
import type { Engine } from "../engine/engine.ts";

export function describe({ adapterName, info, device, target, platform }: Engine) {
  const { vendor = "", architecture = "", device: model = "", description = "" } = info as Partial<GPUAdapterInfo>;
  // Limits are getters of the prototype.
  const { limits } = device;
  const names = new Set<string>();
  for (let each: object | null = limits; each && each !== Object.prototype; each = Object.getPrototypeOf(each))
    for (const name of Object.getOwnPropertyNames(each)) names.add(name);
  const values = [...names].map((name) => [name, (limits as unknown as Record<string, unknown>)[name]] as const);
  return {
    adapter: adapterName,
    info: { vendor, architecture, device: model, description },
    features: [...device.features].toSorted(),
    limits: Object.fromEntries(
      values.filter((entry): entry is [string, number] => typeof entry[1] === "number").toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
    subgroupSize: target.subgroupSize,
    host: platform.host,
  };
}
