// Puts a microscope on what a program has: a network that was loaded, or one that learns.
import { inWords } from "./check.ts";
import { Classifier, networkInternals } from "./classifier.ts";
import { Microscope } from "./microscope.ts";
import { subjectOf, type Subject } from "./subject.ts";
import type { Trainer } from "./trainer.ts";

/**
 * A microscope on a loaded network, or on a trainer, whose parameters it then sees as they change. It takes no memory before the first look. Throws a TypeError
 * for anything else, and an Error where the network or trainer was disposed.
 */
export function microscope(of: Classifier | Trainer): Microscope {
  const subject = of instanceof Classifier ? subjectOfNetwork(of) : subjectOf(of);
  if (!subject) throw new TypeError(`microscope: expected a network that load() returned, or a trainer, got ${inWords(of)}`);
  subject.expectAlive();
  return new Microscope(subject);
}

function subjectOfNetwork(net: Classifier): Subject {
  const { engine, sessionOptions, trained, scorer, owned, expectAlive } = networkInternals(net);
  return {
    engine,
    sessionOptions,
    options: scorer.options,
    classes: trained.classes,
    sight: trained,
    states: scorer.states,
    parameters: scorer.built.parameters,
    fast: scorer.session,
    learns: false,
    seed: 0,
    owned,
    expectAlive,
  };
}
