// Worker threads that make the cases of a cohort, one case per thread at a time, with the same bytes as in this thread.
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { CaseFiles } from "../../phantoms/case-files.ts";
import type { CaseSpec } from "../../phantoms/cohort.ts";
import type { CohortMaking } from "../../phantoms/cohort-files.ts";

export interface CaseWorkers extends Required<CohortMaking> {
  /** Ends the threads at once. */
  dispose(): Promise<void>;
}

interface Order {
  readonly spec: CaseSpec;
  readonly resolve: (made: CaseFiles) => void;
  readonly reject: (error: Error) => void;
}

/** Threads start with the first case, not before. */
export function startCaseWorkers(count = availableParallelism()): CaseWorkers {
  const orders: Order[] = [];
  const idle: Worker[] = [];
  const all: Worker[] = [];
  const busy = new Map<Worker, Order>();
  let broken: Error | null = null;

  const fail = (error: Error): void => {
    broken = error;
    for (const { reject } of [...busy.values(), ...orders.splice(0)]) reject(error);
    busy.clear();
  };
  const start = (): Worker => {
    const worker = new Worker(new URL("./phantom-worker.mjs", import.meta.url), { execArgv: [] });
    worker.on("message", (made: CaseFiles) => {
      busy.get(worker)?.resolve(made);
      busy.delete(worker);
      idle.push(worker);
      next();
    });
    worker.on("error", fail);
    all.push(worker);
    return worker;
  };
  const next = (): void => {
    while (orders.length > 0 && (idle.length > 0 || all.length < count)) {
      const worker = idle.pop() ?? start();
      const order = orders.shift() as Order;
      busy.set(worker, order);
      worker.postMessage(order.spec, []);
    }
  };
  return {
    // One more than there are threads: no thread waits while a case is being written.
    atOnce: count + 1,
    make: (spec) =>
      new Promise((resolve, reject) => {
        if (broken) return reject(broken);
        orders.push({ spec, resolve, reject });
        next();
      }),
    dispose: async () => {
      await Promise.all(all.map((worker) => worker.terminate()));
    },
  };
}
