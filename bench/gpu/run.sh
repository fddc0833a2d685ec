#!/usr/bin/env bash
# On the machine with the GPU: unpacks this folder, finds the driver, names the adapter, then runs the steps below. See bench/gpu/README.md.
#   bash run.sh [--rehearse] [--results FOLDER] [--list] [STEP...]      default: every step
# --rehearse lets a software adapter do, with networks small enough for it. Environment: STRIATUM_DAWN (Dawn's toggles), VK_DRIVER_FILES (the
# driver), STRIATUM_KIT (where to unpack, default /tmp/striatum-kit). Ends with 0, with 1 if a step failed, with 2 if no adapter comes.
# shellcheck disable=SC2317 # steps call functions by name
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
work=${STRIATUM_KIT:-/tmp/striatum-kit}
results=${PWD%/}/results
rehearse=
list=
wanted=()
while [ $# -gt 0 ]; do
  case $1 in
    --rehearse) rehearse=yes ;;
    --results) results=$(realpath -m "$2"); shift ;;
    --list) list=yes ;;
    -*) echo "run.sh: $1 is not an option; see the head of this file" >&2; exit 1 ;;
    *) wanted+=("$1") ;;
  esac
  shift
done

# The steps, in order: a name, a limit in seconds, a command. What it prints goes to results/NAME.out, its stderr to results/NAME.log.
steps() {
  local net batch batches=4,16,32,128 small=() tiny=(--width 1/8 --size 64 --classes 10) quick=() tune=() tuned=(--tune cached)
  if [ -n "$rehearse" ]; then
    batches=1,2
    small=("${tiny[@]}")
    quick=(--quick --rounds 2)
    tune=(--graph scoring)
  fi
  step doctor 120 striatum doctor --json
  step verify 900 striatum verify --json
  for net in alexnet googlenet; do step "verify-$net" 300 striatum verify --net "$net" --json; done
  for net in alexnet googlenet; do
    for batch in ${batches//,/ }; do
      step "tune-$net-$batch" 600 striatum tune --net "$net" --batch "$batch" "${tune[@]}" "${small[@]}" --out "$results/tuned-$net-$batch.json"
    done
  done
  step bench-kernels 600 bench --only kernels "${tuned[@]}" "${quick[@]}" "${small[@]}"
  step bench-steps 900 bench --only steps --batches "$batches" "${tuned[@]}" "${quick[@]}" "${small[@]}"
  step bench-ablation 900 bench --only ablation "${quick[@]}" "${small[@]}"
  step bench-growth 600 bench --only growth "${quick[@]}" "${small[@]}"
  step bench-cold 600 bench --only cold "${quick[@]}" "${small[@]}"
  step bench-input 300 bench --only input "${quick[@]}"
  for net in alexnet googlenet; do
    step "profile-$net" 300 striatum profile --net "$net" --batch "${batches##*,}" "${tuned[@]}" "${small[@]}" \
      --json "$results/profile-$net.json" --trace "$results/profile-$net.trace.json"
  done
  STRIATUM_DAWN=$STRIATUM_DAWN,fast step bench-steps-fast 900 bench_fast --only steps --batches "$batches" "${tuned[@]}" "${quick[@]}" "${small[@]}"
  for net in alexnet googlenet; do
    step "case-$net-small" 120 export_case --net "$net" "${tiny[@]}" --out "$work/$net-small.safetensors"
    [ -n "$rehearse" ] || step "case-$net" 120 export_case --net "$net" --out "$work/$net.safetensors"
  done
  step twin 1200 twin
}

# What a step calls: each becomes one command, so that a limit can end it.
striatum() { run "$work/node" "$app/striatum.mjs" "$@"; }
# Results files name the command, so it names no folder of this machine.
bench() { (cd "$results" && run "$work/node" "$app/bench.mjs" --out . "$@"); }
bench_fast() { (cd "$results" && run "$work/node" "$app/bench.mjs" --out fast "$@"); }
export_case() { run "$work/node" "$app/export-case.mjs" "$@"; }
twin() {
  local case arguments=()
  for case in "$work"/*.safetensors; do [ ! -f "$case" ] || arguments+=(--case "$case"); done
  if ! python3 -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
    if [ -z "$rehearse" ] || ! python3 -c 'import torch' 2>/dev/null; then
      echo "skipped: python3 has no PyTorch that sees a GPU" >&2
      return "$SKIPPED"
    fi
    arguments+=(--only-check)
  fi
  run python3 -B "$app/torch_twin.py" "${arguments[@]}" --json "$results/torch-twin.json"
}

SKIPPED=77
run() { timeout --kill-after=60 "$limit" "$@"; }

failed=0
step() {
  local name=$1 limit=$2 status start=$SECONDS word
  shift 2
  [ -z "$list" ] || { printf '%-22s %4s s  %s\n' "$name" "$limit" "$*"; return; }
  if [ ${#wanted[@]} -gt 0 ] && [[ " ${wanted[*]} " != *" $name "* ]]; then return; fi
  "$@" >"$results/$name.out" 2>"$results/$name.log"
  status=$?
  case $status in
    0) word=passed ;;
    "$SKIPPED") word=skipped ;;
    124 | 137) word="FAILED: over its limit of $limit s" ;;
    *) word="FAILED: status $status" ;;
  esac
  printf '%-22s %5d s  %s\n' "$name" $((SECONDS - start)) "$word"
  printf '%s\t%s\t%s\n' "$name" $((SECONDS - start)) "$word" >>"$results/steps.tsv"
  [ "$word" = passed ] || tail -n 3 "$results/$name.log" | sed 's/^/    /'
  case $word in FAILED*) failed=1 ;; esac
}

# Unpacks once: again when the folder was packed anew.
unpack() {
  cmp -s "$here/kit.json" "$work/kit.json" && return
  if [ -n "$(ls -A "$work" 2>/dev/null)" ] && [ ! -d "$work/app" ]; then
    echo "run.sh: $work holds something else: let STRIATUM_KIT name another folder" >&2
    return 1
  fi
  rm -rf "${work:?}"
  mkdir -p "$work/app" "$work/loader" "$work/cache"
  gzip -dc "$here/node.gz" >"$work/node" && chmod +x "$work/node" &&
    gzip -dc "$here/app.tar.gz" | tar -C "$work/app" -xf - &&
    gzip -dc "$here/loader.tar.gz" | tar -C "$work/loader" -xf - &&
    cp "$here/kit.json" "$work/kit.json"
}

has_library() { PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | grep -qF "$1 "; }

# Puts those carried libraries on the path that the system lacks; nothing is unpacked into /.
find_loader() {
  local library
  rm -rf "${work:?}/lib"
  mkdir -p "$work/lib"
  for library in "$work"/loader/lib/*; do
    has_library "$(basename "$library")" || ln -s "$library" "$work/lib/"
  done
  export LD_LIBRARY_PATH=$work/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  [ -e "$work/lib/libvulkan.so.1" ] && echo "loader: carried" || echo "loader: the system's"
}

use_driver() {
  export VK_DRIVER_FILES=$1 VK_ICD_FILENAMES=$1 # the second is the name that loaders before 1.3.207 know
  echo "driver: $1${2:+ ($2)}"
}

# A driver that says where it is by itself is left alone. In some containers its folder is not part of the system's; in others its libraries are
# there and the file that names them is not.
find_driver() {
  local folder manifest library
  if [ -n "${VK_DRIVER_FILES:-${VK_ICD_FILENAMES:-}}" ]; then
    echo "driver: ${VK_DRIVER_FILES:-$VK_ICD_FILENAMES} (from the environment)"
    return
  fi
  for folder in /etc /usr/share /usr/local/share /usr/local/etc; do
    for manifest in "$folder"/vulkan/icd.d/nvidia*.json; do
      [ ! -f "$manifest" ] || { use_driver "$manifest"; return; }
    done
  done
  for folder in /usr/local/nvidia /usr/lib/nvidia /run/opengl-driver /opt/nvidia; do
    for manifest in "$folder"/share/vulkan/icd.d/nvidia*.json "$folder"/vulkan/icd.d/nvidia*.json; do
      [ -f "$manifest" ] || continue
      export LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$folder/lib64:$folder/lib
      [ ! -d "$folder/share/glvnd/egl_vendor.d" ] || export __EGL_VENDOR_LIBRARY_DIRS=$folder/share/glvnd/egl_vendor.d
      use_driver "$manifest"
      return
    done
  done
  for library in libGLX_nvidia.so.0 libEGL_nvidia.so.0; do
    for folder in "" /usr/local/nvidia/lib64 /usr/local/nvidia/lib /usr/lib/x86_64-linux-gnu /usr/lib64; do
      if [ -z "$folder" ]; then has_library "$library" || continue; else [ -f "$folder/$library" ] || continue; fi
      printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "1.3.0"}}\n' \
        "${folder:+$folder/}$library" >"$work/nvidia_icd.json"
      [ -z "$folder" ] || export LD_LIBRARY_PATH=$LD_LIBRARY_PATH:$folder
      use_driver "$work/nvidia_icd.json" "written by run.sh for $library"
      return
    done
  done
  echo "driver: whatever the loader finds"
}

app=$work/app/bench/gpu
export STRIATUM_DAWN=${STRIATUM_DAWN:-safe,allow_unsafe_apis,vulkan_enable_f16_on_nvidia}
if [ -n "$list" ]; then
  steps
  exit 0
fi
known=$(list=yes steps | cut -d' ' -f1)
for name in ${wanted[@]+"${wanted[@]}"}; do
  grep -qxF "$name" <<<"$known" || { echo "run.sh: there is no step $name: --list names them" >&2; exit 1; }
done
for command in gzip tar timeout cmp realpath; do
  command -v "$command" >/dev/null || { echo "run.sh: $command is missing on this machine" >&2; exit 1; }
done
unpack || { echo "run.sh: nothing could be unpacked into $work, which needs 150 MB: STRIATUM_KIT names another folder" >&2; exit 1; }
"$work/node" --version >/dev/null || { echo "run.sh: Node does not start here: glibc 2.34 and libstdc++ of GCC 12 or later are wanted" >&2; exit 1; }
mkdir -p "$results" || exit 1
rm -f "$results/steps.tsv"
cp "$here/kit.json" "$results/"
# Driver caches begin empty and stay here.
export XDG_CACHE_HOME=$work/cache __GL_SHADER_DISK_CACHE_PATH=$work/cache HOME=${HOME:-$work} XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$work}
find_loader
find_driver
{
  uname -sr
  cat /proc/driver/nvidia/version
  timeout 30 nvidia-smi
} >"$results/machine.txt" 2>/dev/null

limit=120
run "$work/node" "$app/adapter.mjs" "$results/adapter.json" ${rehearse:+--software} 2>"$results/adapter.log" || {
  status=$?
  tail -n 5 "$results/adapter.log" >&2
  [ $status -eq 2 ] && echo "run.sh: no GPU adapter comes. --rehearse lets a software adapter do" >&2
  exit 2
}
steps
exit $failed
