// Numbers of Plan as a reader takes them in: three digits and a unit.

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

function scaled(value: number, base: number, units: readonly string[]): string {
  let at = 0;
  let left = value;
  while (left >= base && at < units.length - 1) {
    left /= base;
    at++;
  }
  return `${at === 0 ? String(Math.round(left)) : digits(left)} ${units[at]}`;
}

export const bytesText = (bytes: number): string => scaled(bytes, 1024, ["bytes", "KiB", "MiB", "GiB"]);
export const flopsText = (flops: number): string => scaled(flops, 1000, ["flop", "kflop", "Mflop", "Gflop"]);

export function timeText(milliseconds: number): string {
  if (milliseconds >= 1000) return `${digits(milliseconds / 1000)} s`;
  return milliseconds >= 1 ? `${digits(milliseconds)} ms` : `${digits(milliseconds * 1000)} µs`;
}
