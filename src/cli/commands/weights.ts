// striatum weights: fetches the weights that others publish, and checks that they are those.
import { Argument, type Command } from "commander";
import { download } from "../../platform/download.ts";
import { nodeFiles } from "../../platform/node-files.ts";
import type { Files } from "../../platform/platform.ts";
import { PUBLISHED_WEIGHTS, type PublishedWeights } from "../../weights/published.ts";
import { print, say } from "../output.ts";

interface GetOptions {
  readonly out?: string;
  readonly from?: string;
}

export function registerWeights(program: Command): void {
  program
    .command("weights")
    .description("fetch weights that others publish")
    .command("get")
    .description("fetch BVLC's weights of a network, trained on ImageNet, and check size and SHA-1")
    .addArgument(new Argument("<net>", "network").choices(Object.keys(PUBLISHED_WEIGHTS)))
    .option("--out <file>", "where they are written (default: weights/bvlc_NET.caffemodel)")
    .option("--from <url>", "another address of the same file")
    .action((net: keyof typeof PUBLISHED_WEIGHTS, options: GetOptions) => get(net, options));
}

async function get(net: keyof typeof PUBLISHED_WEIGHTS, { out = `weights/bvlc_${net}.caffemodel`, from }: GetOptions): Promise<void> {
  const published: PublishedWeights = PUBLISHED_WEIGHTS[net];
  const fetched = await getWeights({ ...published, ...(from !== undefined && { url: from }) }, out, nodeFiles, tenths());
  if (!fetched) say(`${out} is ${published.title} already.`);
  print(out);
  say(`Use it:  npx striatum predict --net ${net} --weights ${out} PICTURE`);
}

/** Says each tenth of a download of known size. */
function tenths(): (received: number, total: number | null) => void {
  let said = 0;
  return (received, total) => {
    if (total === null || received < (said + 0.1) * total) return;
    said = Math.floor((10 * received) / total) / 10;
    say(`${megabytes(received)} of ${megabytes(total)} MB`);
  };
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

/** More than any of the published files has. */
const LIMIT_BYTES = 2 ** 28;

/** Fetches published weights to a path, unless they lie there already; whether it did. Throws, and writes nothing, where what comes is another file. */
export async function getWeights(
  { url, title, sha1, bytes }: PublishedWeights,
  out: string,
  files: Files,
  onProgress: (received: number, total: number | null) => void,
): Promise<boolean> {
  if (await files.exists(out)) {
    if ((await sha1Of(await files.read(out, LIMIT_BYTES))) === sha1) return false;
    throw new Error(`${out}: is another file than ${title}: move it away, or give --out`);
  }
  const content = await download(url, { onProgress, limitBytes: bytes ?? LIMIT_BYTES });
  if (bytes !== null && content.length !== bytes)
    throw new Error(`${url}: has ${content.length} bytes, ${title} has ${bytes}: nothing was written; try again, or give --from`);
  const found = await sha1Of(content);
  if (found !== sha1)
    throw new Error(`${url}: has the SHA-1 ${found}, ${title} has ${sha1}: nothing was written; try again, or give --from`);
  await files.write(out, [content]);
  return true;
}

const sha1Of = async (content: Uint8Array): Promise<string> =>
  Buffer.from(await crypto.subtle.digest("SHA-1", content as Uint8Array<ArrayBuffer>)).toString("hex");
