// How the report prints numbers: as many digits as cases can bear, the same everywhere.
import type { Estimate, Proportion, Share } from "./analysis/result.ts";
import type { Interval } from "../statistics/interval.ts";

/** A true minus sign, so that signs line up, and none before a zero. */
const signed = (text: string): string => text.replace(/^-(?=.*[1-9])/, "\u2212").replace(/^-/, "");

/** An area, a rate, a difference: three digits. */
export const digits3 = (value: number): string => signed(value.toFixed(3));

/** Without a minus before a zero. */
export const difference = (value: number): string => (Math.abs(value) < 5e-4 ? "0.000" : `${value > 0 ? "+" : ""}${digits3(value)}`);

export const digits2 = (value: number): string => signed(value.toFixed(2));

export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

export const interval = ({ low, high }: Interval): string => `${digits3(low)} to ${digits3(high)}`;

/** As journals print it: three digits, "< 0.001" below, never 0 or 1. */
export function pValue(p: number): string {
  if (p < 0.001) return "< 0.001";
  return p > 0.999 ? "> 0.999" : p.toFixed(3);
}

/** "p = 0.012", "p < 0.001". */
export const pSentence = (p: number): string => (/^[<>]/.test(pValue(p)) ? `p ${pValue(p)}` : `p = ${pValue(p)}`);

export const estimate = (given: Estimate, print = digits3): string => (given.value === null ? "not estimable" : print(given.value));

/** "0.93 (0.88 to 0.96)". */
export const share = ({ value, low, high }: Share): string => `${digits2(value)} (${digits2(low)} to ${digits2(high)})`;

export const proportion = (given: Proportion): string => (given.value === null ? "not estimable" : share(given));

/** Degrees of freedom: beyond a thousand a t distribution is the normal one to the digits that are printed. */
export const freedom = (value: number): string => (value > 1000 ? "> 1000" : value.toFixed(1));

export const counted = (count: number, one: string, many = `${one}s`): string => `${grouped(count)} ${count === 1 ? one : many}`;

/** 12 345 with narrow spaces. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");

export function duration(seconds: number): string {
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = seconds / 60;
  return minutes < 90 ? `${minutes < 10 ? minutes.toFixed(1) : Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}

const SPELLED = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

/** For the beginning of a sentence. */
export const spelled = (count: number): string => SPELLED[count] ?? grouped(count);
