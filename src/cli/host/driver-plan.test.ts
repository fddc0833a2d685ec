import { expect, test } from "vitest";
import { BACKPORTS_FILE, mesaMajor, planChromium, planDriver } from "./driver-plan.ts";
import type { Machine, Plan } from "./driver-plan.ts";

const debian12: Machine = {
  platform: "linux",
  hasApt: true,
  release: { ID: "debian", VERSION_ID: "12", VERSION_CODENAME: "bookworm" },
  installed: {},
  sources: [
    { suite: "bookworm-security", codename: "", uri: "http://security.example/", component: "main" },
    { suite: "bookworm", codename: "", uri: "http://mirror.example/debian/", component: "main" },
  ],
};
const commands = (plan: Plan): string[] => ("unable" in plan ? [] : [...plan.prepare, ...plan.install].map(({ argv }) => argv.join(" ")));

test("Debian 12 takes Mesa from backports, at the address of its own mirror, in a file of ours", () => {
  const plan = planDriver({ ...debian12, keyring: "/usr/share/keyrings/debian-archive-keyring.gpg" });
  expect(commands(plan)).toHaveLength(2);
  expect(commands(plan)[0]).toBe(`tee ${BACKPORTS_FILE}`);
  expect(commands(plan)[1]).toMatch(/-t bookworm-backports mesa-vulkan-drivers libvulkan1$/);
  expect("unable" in plan ? "" : plan.prepare[0].input).toBe(
    "Types: deb\nURIs: http://mirror.example/debian/\nSuites: bookworm-backports\nComponents: main\n" +
      "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
  );
});

test("backports that the user has already are used as they are, whatever alias names them", () => {
  const backports = { uri: "http://mirror.example/debian/", component: "main" };
  for (const names of [
    { suite: "bookworm-backports", codename: "" },
    { suite: "oldstable-backports", codename: "bookworm-backports" },
  ]) {
    const plan = planDriver({ ...debian12, sources: [...debian12.sources, { ...backports, ...names }] });
    expect(commands(plan)).toHaveLength(1);
    expect(commands(plan)[0]).toContain("-t bookworm-backports");
  }
});

test("an old Mesa is replaced, and one that is new enough is not installed again", () => {
  expect(
    commands(planDriver({ ...debian12, installed: { "mesa-vulkan-drivers": "22.3.6-1+deb12u1", libvulkan1: "1.3.239.0-1" } })),
  ).toHaveLength(2);
  const installed = { "mesa-vulkan-drivers": "25.0.7-2~bpo12+1", libvulkan1: "1.3.239.0-1" };
  expect(planDriver({ ...debian12, installed })).toMatchObject({ unable: expect.stringContaining("VK_DRIVER_FILES") });
  expect(mesaMajor("1:23.2.1-1ubuntu3")).toBe(23);
});

test.each([
  ["Debian 13", { ID: "debian", VERSION_CODENAME: "trixie" }],
  ["Ubuntu 22.04", { ID: "ubuntu", VERSION_CODENAME: "jammy", UBUNTU_CODENAME: "jammy" }],
  ["a derivative of Ubuntu", { ID: "linuxmint", VERSION_CODENAME: "wilma", UBUNTU_CODENAME: "noble" }],
])("%s takes its own Mesa", (_, release) => {
  const lines = commands(planDriver({ ...debian12, release }));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/120 mesa-vulkan-drivers libvulkan1$/);
});

test.each([
  ["Debian 11", { ...debian12, release: { ID: "debian", VERSION_CODENAME: "bullseye" } }, "bullseye"],
  ["Fedora", { ...debian12, hasApt: false, release: { ID: "fedora" } }, "vulkan-loader"],
  ["macOS", { ...debian12, platform: "darwin" as const }, "darwin"],
])("%s: advice", (_, machine, word) => {
  expect(planDriver(machine)).toMatchObject({ unable: expect.stringContaining(word) });
});

test("Chromium comes from Debian; Ubuntu, whose package is only a snap, gets the advice to install Chrome", () => {
  expect(commands(planChromium(debian12))[0]).toMatch(/ chromium$/);
  expect(planChromium({ ...debian12, release: { ID: "ubuntu" } })).toMatchObject({ unable: expect.stringContaining("STRIATUM_CHROMIUM") });
});
