// The papers' tables as golden texts. After a wanted change: `npx vitest run --project cpu src/cli -u`, and read the difference.
import { expect, test } from "vitest";
import { networks } from "../../models/index.ts";
import { formatNetwork, networkTable } from "./network-table.ts";

const full = { classes: 1000, width: 1 };

test.each(Object.values(networks))("$title reads as its paper's table", async (network) => {
  const scoring = networkTable(network, { ...full, size: network.size, training: false });
  await expect(`${formatNetwork(scoring)}\n`).toMatchFileSnapshot(`golden/${network.name}-table.txt`);
});

test("totals are the reference models'", () => {
  const totals = (name: string, training: boolean) => {
    const network = networks[name];
    const { parameters, multiplyAdds } = networkTable(network, { ...full, size: network.size, training });
    return { parameters, multiplyAdds };
  };
  expect(totals("alexnet", false)).toEqual({ parameters: 60_965_224, multiplyAdds: 724_406_816 });
  expect(totals("googlenet", false)).toEqual({ parameters: 6_998_552, multiplyAdds: 1_582_671_872 });
  expect(totals("googlenet", true).parameters).toBe(13_378_280);
});

// Szegedy et al. 2015, table 1.
test("an inception module is one row with its branches", () => {
  const { rows } = networkTable(networks["googlenet"], { ...full, size: 224, training: false });
  expect(rows.filter(({ kind }) => kind === "module")).toHaveLength(9);
  expect(rows.find(({ layer }) => layer === "inception_4e")).toMatchObject({
    output: [14, 14, 832],
    branches: { "1x1": 256, "3x3 reduce": 160, "3x3": 320, "5x5 reduce": 32, "5x5": 128, "pool proj": 128 },
  });
});

test("training adds dropout and the auxiliary heads", () => {
  const kinds = (training: boolean) => networkTable(networks["googlenet"], { ...full, size: 224, training }).rows.map(({ kind }) => kind);
  expect(kinds(false).filter((kind) => kind.startsWith("dropout"))).toEqual([]);
  expect(kinds(true).filter((kind) => kind.startsWith("dropout"))).toEqual(["dropout 0.7", "dropout 0.7", "dropout 0.4"]);
  expect(kinds(true).filter((kind) => kind === "inner product")).toHaveLength(5);
});

test("a narrower network has fewer channels in its rows", () => {
  const { rows } = networkTable(networks["alexnet"], { classes: 2, width: 1 / 4, size: 227, training: false });
  expect(rows.find(({ layer }) => layer === "conv1")?.output).toEqual([55, 55, 24]);
  expect(rows.at(-1)?.output).toEqual([2]);
});
