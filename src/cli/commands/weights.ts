// striatum weights: fetches the weights that others publish, and checks that they are those.
import { Argument, type Command } from "commander";
import { download, expectBytes } from "../../platform/download.ts";
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
  const integrity = `sha1-${Buffer.from(sha1, "hex").toString("base64")}`;
  if (await files.exists(out)) {
    await expectBytes(await files.read(out, LIMIT_BYTES), out, { integrity }).catch((error: Error) => {
      throw new Error(`${error.message}. ${title} was expected: move the file away, or give --out`, { cause: error });
    });
    return false;
  }
  const content = await download(url, { onProgress, integrity, limitBytes: bytes ?? LIMIT_BYTES }).catch((error: Error) => {
    throw new Error(`${error.message}. ${title} was not written: try again, or give --from`, { cause: error });
  });
  await files.write(out, [content]);
  return true;
}
