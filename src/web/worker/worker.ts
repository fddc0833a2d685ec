// The worker that holds the engine: it takes calls of the page one by one as they come, and runs the method of the room's worker part.
import { Lab } from "./lab.ts";
import * as lab from "./lab-methods.ts";
import type { Call, FromWorker } from "./protocol.ts";
import { workerParts } from "../rooms/worker-parts.ts";

type Method = (lab: Lab, ...args: readonly unknown[]) => unknown;

const post = (message: FromWorker): void => postMessage(message);
const shared = new Lab(post);

async function methodOf({ room, method }: Call): Promise<Method> {
  const part = (room === "lab" ? lab : await workerParts[room]?.()) as Readonly<Record<string, Method>> | undefined;
  const found = part?.[method];
  if (!found) throw new Error(`internal: the room "${room}" has no method "${method}" in the worker`);
  return found;
}

addEventListener("message", ({ data }: MessageEvent<Call>) => {
  const { id, args } = data;
  void methodOf(data)
    .then((method) => method(shared, ...args))
    .then(
      (result) => post({ id, result }),
      (error: unknown) => post({ id, error: described(error) }),
    );
});

const described = (error: unknown): { readonly kind: string; readonly message: string } =>
  error instanceof Error ? { kind: error.name, message: error.message } : { kind: "Error", message: String(error) };

post({ event: "ready" });
