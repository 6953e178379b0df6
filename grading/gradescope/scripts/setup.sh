#!/usr/bin/env bash
# Gradescope runs this as root when it makes the image: https://gradescope-autograders.readthedocs.io/en/latest/specs/
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
# Images of Gradescope may have an older Python than kitbench needs.
fit() {
  command -v "$1" >/dev/null && "$1" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}
find_python() {
  for one in python3.13 python3.12 python3.11 python3; do fit "$one" && { echo "$one"; return; }; done
  return 1
}
if ! find_python >/dev/null; then
  apt-get update -q
  apt-get install -y -q --no-install-recommends python3.12 python3.12-venv ||
    apt-get install -y -q --no-install-recommends python3.11 python3.11-venv
fi
"$(find_python)" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --no-cache-dir "$(ls "$root"/source/kitbench-*.whl)[virtual,local]"
# Compiles the virtual kit's C library once, so that no student waits for it.
"$root/venv/bin/python" -m kitbench build --warm
