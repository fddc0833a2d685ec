// A worker thread starts without the loader that reads TypeScript; this gets it, then the worker.
import { register } from "tsx/esm/api";

register();
await import("./phantom-worker.ts");
