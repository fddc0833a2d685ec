// The page's table of peers, from the results of bench/peers.
import { figure, percent, section, titleOf } from "./markdown.ts";
import { rowOf } from "./peers/results.ts";
import type { Peers } from "./results.ts";

export function peerParts({ networks, batch, date, commit }: Peers): string[] {
  const rows = networks.flatMap(({ net, comparisons }) =>
    comparisons.map((comparison) => {
      const { what, peer, verdict, difference } = comparison;
      const agrees = difference === null ? "everything" : difference.toExponential(0);
      const row = rowOf(net, comparison);
      if (!row) return [titleOf(net), what, peer, "-", "-", verdict, agrees];
      const { oursMs, peerMs, ratio, lowestRatio, highestRatio } = row;
      const range = comparison.rounds.length > 1 ? ` (${figure(lowestRatio)} to ${figure(highestRatio)})` : "";
      return [titleOf(net), what, peer, figure(oursMs), figure(peerMs), `${figure(ratio)}${range}`, agrees];
    }),
  );
  const failures = networks.flatMap(({ net, comparisons }) =>
    comparisons.flatMap(({ what, peer, why }) => (why === undefined ? [] : [`${titleOf(net)}, ${what}, ${peer}: ${why.split("\n")[0]}`])),
  );
  const runtimes = new Map(networks.flatMap((network) => Object.entries(network.runtimes)));
  const versions = [...runtimes].map(
    ([name, { versions }]) =>
      `${name}: ${Object.entries(versions)
        .map((pair) => pair.join(" ").trim())
        .join(", ")}`,
  );
  return section(
    `Peers, batch ${batch}`,
    rows,
    ["network", "what", "peer", "ours ms", "peer ms", "peer / ours", "results differ by"],
    "Same weights, same images, one run; ratios are of consecutive calls, above 1 if ours is faster (range over the rounds). A peer whose results " +
      `differ by more than [bench/peers](../bench/peers) allows is not timed. ${date}, commit ${commit}.`,
    networks.map(besidePeers).join(" "),
    `${versions.join("; ")}.`,
    ...failures,
  );
}

function besidePeers({ net, takenByOthers, runtimes, peakAfter }: Peers["networks"][number]): string {
  const before = Object.values(runtimes).find(({ peak }) => peak)?.peak;
  const peak =
    before && peakAfter ? `; adapter's peak before and after: ${figure(before.gflops)} and ${figure(peakAfter.gflops)} GFLOPS` : "";
  const product = Object.values(runtimes).find(({ processorGflops }) => processorGflops)?.processorGflops;
  const native = product ? `; a large matrix product on the processor: ${figure(product)} GFLOPS` : "";
  return `${titleOf(net)}: other processes used ${percent(takenByOthers)} of the processors${peak}${native}.`;
}
