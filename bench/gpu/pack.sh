#!/usr/bin/env bash
# Packs one folder that runs this repository on a bare x86-64 Linux machine with a GPU driver: no network, no Node, no npm, perhaps no
# Vulkan loader. Needs what `npm ci` installed, binutils, and apt-get to fetch the loader. See README.md.
#   bash bench/gpu/pack.sh [FOLDER]      default dist-gpu
set -euo pipefail

fail() { echo "pack.sh: $*" >&2; exit 1; }

target=$(realpath -m "${1:-$(dirname "$0")/../../dist-gpu}")
cd "$(dirname "$0")/../.."
limit_mib=64

[ "$(uname -sm)" = "Linux x86_64" ] || fail "run it on x86-64 Linux, for which it packs"
for command in node strip dpkg-deb apt-get gzip tar; do
  command -v "$command" >/dev/null || fail "$command is missing (strip is in binutils)"
done
esbuild=node_modules/.bin/esbuild
for file in "$esbuild" node_modules/webgpu/dist/linux-x64/dawn.node; do
  [ -f "$file" ] || fail "$file is missing: run npm ci first"
done
[ -z "$(ls -A "$target" 2>/dev/null)" ] || [ -f "$target/kit.json" ] || fail "$target holds something else: name another folder"

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
kit=$stage/kit
app=$stage/app
mkdir -p "$kit" "$app/bench/gpu" "$stage/loader"

# 1. Node, without its debug symbols. Its libraries must be the system's own few: some distributions split Node into shared parts.
node=$(node -p process.execPath)
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' || fail "Node 20 or later is wanted"
ldd "$node" | grep -q libnode && fail "this Node is split into shared libraries: pack with one from nodejs.org"
cp "$node" "$stage/node"
strip "$stage/node"
gzip -9 <"$stage/node" >"$kit/node.gz"

# 2. The program as plain JavaScript. Every bundle lies two folders below the root, as deep as the sources that look for shaders/ from where
#    they are. Parts of npm packages that still call require() get one.
require='import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);'
bundle() {
  "$esbuild" "$1" --bundle --platform=node --format=esm --target=node20 --external:webgpu --banner:js="$require" \
    --log-level=warning --outfile="$app/bench/gpu/$2"
}
bundle src/cli/main.ts striatum.mjs
bundle bench/main.ts bench.mjs
bundle bench/first-step.ts first-step.mjs
bundle bench/gpu/adapter.ts adapter.mjs
bundle bench/gpu/export-case.ts export-case.mjs
cp bench/gpu/networks.py bench/gpu/torch_twin.py "$app/bench/gpu/"
cp package.json LICENSE "$app/"
cp -r shaders "$app/"
dawn=$app/node_modules/webgpu
mkdir -p "$dawn/dist/linux-x64"
cp node_modules/webgpu/{package.json,index.js,LICENSE.md} "$dawn/"
cp node_modules/webgpu/dist/linux-x64/* "$dawn/dist/linux-x64/"
strip "$dawn/dist/linux-x64/dawn.node"
tar -C "$app" -cf - . | gzip -9 >"$kit/app.tar.gz"

# 3. The Vulkan loader, and what NVIDIA's driver links to where there is no desktop: GL dispatch and X11 libraries. Unpacked here, as the other
#    machine may have no dpkg; run.sh takes only those that it lacks.
(
  cd "$stage/loader"
  apt-get download libvulkan1 libglvnd0 libegl1 libopengl0 libgl1 libglx0 libgles2 libx11-6 libxext6 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0 \
    >"$stage/apt.log" 2>&1 || fail "apt-get download: $(tail -1 "$stage/apt.log"); run apt-get update first"
  mkdir lib doc
  for deb in *.deb; do
    dpkg-deb -x "$deb" unpacked
    mkdir "doc/${deb%%_*}"
    cp "unpacked/usr/share/doc/${deb%%_*}/copyright" "doc/${deb%%_*}/"
  done
  cp -L unpacked/usr/lib/x86_64-linux-gnu/*.so.[0-9] lib/
)
tar -C "$stage/loader" -cf - lib doc | gzip -9 >"$kit/loader.tar.gz"

# 4. What this is, for the results.
version_of() { node -p "require('./$1/package.json').version"; }
commit=$(git describe --always --dirty=+ --exclude='*' 2>/dev/null || echo unknown)
printf '{"commit": "%s", "packed": "%s", "node": "%s", "webgpu": "%s"}\n' \
  "$commit" "$(date -u +%F)" "$(node -p process.versions.node)" "$(version_of node_modules/webgpu)" >"$kit/kit.json"
cp bench/gpu/run.sh "$kit/"

rm -rf "$target"
mkdir -p "$(dirname "$target")"
cp -r "$kit" "$target"
(cd "$target" && wc -c -- * | awk '{ printf "%8.2f MiB  %s\n", $1 / 1048576, $2 }')
mib=$(du -sb --apparent-size "$target" | awk '{ printf "%d", ($1 + 1048575) / 1048576 }')
[ "$mib" -le "$limit_mib" ] || fail "$target takes $mib MiB, over the $limit_mib that may travel"
