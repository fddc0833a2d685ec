// Worker parts of the rooms, each loaded when the room first asks for something.
export const workerParts: Readonly<Record<string, () => Promise<object>>> = {
  learn: () => import("./learn/worker-part.ts"),
  start: () => import("./start/worker-part.ts"),
  look: () => import("./look/worker-part.ts"),
  plan: () => import("./plan/worker-part.ts"),
  kernel: () => import("./kernel/worker-part.ts"),
  weight: () => import("./weight/worker-part.ts"),
  textbook: () => import("./textbook/worker-part.ts"),
  cases: () => import("./cases/worker-part.ts"),
};
