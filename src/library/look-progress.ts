// A look that is being computed, kernel by kernel, as a program sees it.
import { placeOf, readableIn, viewOf, type Opened } from "./opened.ts";
import type { GpuTensor } from "./tensors.ts";

/** A look that is being computed, kernel by kernel. */
export interface LookProgress {
  /** Kernels that have run. */
  readonly kernels: number;
  /** Kernels in all. */
  readonly of: number;
  /** Where a value lies, for drawing, as `Look.view` gives it; null where it was not computed yet. Throws a TypeError for an id that the look will not have. */
  view(id: string): GpuTensor | null;
}

/** What a program sees of a look of which some launches have run. */
export function progressOf(
  opened: Opened,
  { kernels, of, launches }: { readonly kernels: number; readonly of: number; readonly launches: number },
): LookProgress {
  return {
    kernels,
    of,
    view(id) {
      const readable = readableIn(opened, id);
      return lastWriter(opened, readable) < launches ? viewOf(opened, readable) : null;
    },
  };
}

/** Position of the last launch that writes where a value lies. Nothing is written there after it: what can be read lives to the end of the step. */
function lastWriter(opened: Opened, { value }: ReturnType<typeof readableIn>): number {
  const { session } = opened;
  const { buffer, offset, bytes } = placeOf(opened, value).range;
  return session.plan.launches.findLastIndex(({ shader, operands }) =>
    shader.bindings.some(({ name, access }) => {
      if (access !== "read_write") return false;
      const written = session.range(operands[name]);
      return written.buffer === buffer && written.offset < offset + bytes && offset < written.offset + written.bytes;
    }),
  );
}
