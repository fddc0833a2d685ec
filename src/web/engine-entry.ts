// The engine with both networks and every shader, and nothing else: what a page needs to train and to score. The bundle test weighs it.
export { openEngine } from "../engine/engine.ts";
export { networks } from "../models/index.ts";
export { openPlatform } from "../platform/browser.ts";
export { Scorer } from "../train/scorer.ts";
export { Trainer } from "../train/trainer.ts";
