// Light and dark: as the system, or as the visitor chose.
import { signal } from "@preact/signals-core";

export type Theme = "auto" | "light" | "dark";

const KEY = "striatum-theme";
const ORDER: readonly Theme[] = ["auto", "light", "dark"];
const dark = matchMedia("(prefers-color-scheme: dark)");

const stored = ORDER.find((theme) => theme === localStorage.getItem(KEY)) ?? "auto";
/** What the visitor chose. */
export const theme = signal<Theme>(stored);
/** Counts changes of what is shown. */
export const shownTheme = signal<"light" | "dark">(shown());

function shown(): "light" | "dark" {
  if (theme.value !== "auto") return theme.value;
  return dark.matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset["theme"] = shown();
  shownTheme.value = shown();
}

/** The next theme of the three. */
export function nextTheme(): void {
  theme.value = ORDER[(ORDER.indexOf(theme.value) + 1) % ORDER.length];
  localStorage.setItem(KEY, theme.value);
  apply();
}

/** Colour of the page's paper as the style sheet has it, for what shaders draw: red, green and blue from 0 to 1. */
export function paper(): readonly [number, number, number] {
  const { backgroundColor } = getComputedStyle(document.querySelector(".paper") as Element);
  const [r, g, b] = (backgroundColor.match(/[\d.]+/g) as RegExpMatchArray).map((value) => Number(value) / 255);
  return [r, g, b];
}

dark.addEventListener("change", apply);
apply();
