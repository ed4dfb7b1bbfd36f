#!/usr/bin/env bash
# Sets up what loopwright needs on this machine, and is quick when it is there already.
#
#   scripts/setup.sh run    Debian packages, and .venv with loopwright
#   scripts/setup.sh dev    the same, with the tools that `make check` and `make test` need
#   scripts/setup.sh bench  the same as run, with the libraries and tuners that `make bench` compares with
#
# Packages of the system are installed where that needs no password (root, or sudo -n). Elsewhere the command to type
# is printed, with what is weaker without it, and the set-up goes on. PYTHON names another interpreter than the first
# of python3, python3.13, python3.12, python3.11 that is 3.11 or newer.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=${1:-run}
case $kind in
run) extra="" ;;
dev) extra="[dev]" ;;
bench) extra="[bench,baselines]" ;;
*)
    echo "usage: scripts/setup.sh [run|dev|bench]" >&2
    exit 2
    ;;
esac

say() { echo "setup: $*" >&2; }

# --- packages of the system ---

# gcc alone does not depend on the headers, only recommends them.
base_packages=(gcc g++ libc6-dev patch bubblewrap)

clang_packages() {
    echo "clang-$1 libomp-$1-dev libclang-rt-$1-dev llvm-$1"
}

# The tests of the HTML report want a browser. Where it is no package (Ubuntu has a snap), another may be there.
browser_packages() {
    local name
    if [ "$kind" != dev ]; then
        return
    fi
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null; then
            return
        fi
    done
    # Lists that were never fetched say nothing about what there is.
    if ! ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || [ -n "$(apt-cache show chromium 2>/dev/null)" ]; then
        echo chromium
    fi
}

# The tests build for other processors, and run that in an emulator.
cross_packages() {
    if [ "$kind" = dev ]; then
        echo qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross gcc-riscv64-linux-gnu libc6-dev-riscv64-cross
    fi
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

all_installed() {
    local package
    for package in "$@"; do
        is_installed "$package" || return 1
    done
}

# libomp of two versions cannot be installed together, so one version is chosen for all four packages.
choose_clang() {
    local version
    for version in 19 22 21 20 18 17 16 15 14; do
        # shellcheck disable=SC2046
        if all_installed $(clang_packages $version); then
            echo $version
            return
        fi
    done
    for version in 19 20 21 22 18 17 16 15 14; do
        # shellcheck disable=SC2046
        if [ "$(apt-cache show $(clang_packages $version) 2>/dev/null | grep -c '^Package:')" -ge 4 ]; then
            echo $version
            return
        fi
    done
    echo 19
}

as_root=()
can_install() {
    if [ "$(id -u)" = 0 ]; then
        return 0
    fi
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
        return 0
    fi
    return 1
}

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 \
        -o Acquire::Retries=1 -o Acquire::http::Timeout=30 -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}

system_packages() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "not a Debian system: install gcc >= 11 (with g++), patch, and clang >= 14 with libomp and its sanitizers"
        return
    fi
    local missing=() package
    # shellcheck disable=SC2046
    set -- "${base_packages[@]}" $(clang_packages "$(choose_clang)") "${venv_packages[@]}" $(browser_packages) $(cross_packages)
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    if [ ${#missing[@]} = 0 ]; then
        return
    fi
    if can_install; then
        say "installing ${missing[*]}"
        apt update || say "the package lists could not be renewed; trying with the old ones"
        # shellcheck disable=SC2046
        set -- "${base_packages[@]}" $(clang_packages "$(choose_clang)") "${venv_packages[@]}" $(browser_packages) $(cross_packages)
        # --no-remove: another libomp that somebody uses is not thrown out for ours.
        if apt install --no-install-recommends --no-remove "$@"; then
            return
        fi
        say "that failed; the message is above"
    fi
    say "to install what is missing, run:"
    say "    sudo apt-get update && sudo apt-get install ${missing[*]}"
    for package in "${missing[@]}"; do
        case $package in
        gcc) say "without gcc: the strongest serial baseline is missing, and nothing runs if clang is missing too" ;;
        clang-*) say "without clang: no check for data races, no second baseline" ;;
        libomp-*) say "without libomp: clang builds no parallel program, so no check for data races" ;;
        libclang-rt-*) say "without libclang-rt: no sanitizers of clang, so no check for data races" ;;
        llvm-*) say "without llvm: sanitizer reports name no source lines" ;;
        chromium) say "without chromium: the HTML report is not tested in a browser" ;;
        bubblewrap) say "without bubblewrap: tested code can read your files" ;;
        qemu-user | gcc-*-linux-gnu | libc6-dev-*-cross) say "without $package: results are not compared on other processors" ;;
        patch) say "without patch: the demo cannot apply its patch" ;;
        esac
    done
}

# --- Python ---

is_usable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    local name
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if is_usable "$name"; then
            command -v "$name"
            return
        fi
    done
    say "no Python 3.11 or newer; install one, or name it: make PYTHON=/path/to/python3"
    exit 1
}

# A virtual environment that was copied or moved has the old path in its scripts, and does not work.
is_intact() {
    [ -x .venv/bin/pip ] && head -n 1 .venv/bin/pip | grep -qF "$PWD/.venv/bin/" &&
        is_usable .venv/bin/python
}

virtual_environment() {
    local fingerprint installed
    fingerprint="$(cksum pyproject.toml src/loopwright/version.py) $PWD"
    # What "dev" installs holds all of "run", and so does "bench".
    for installed in "$kind" dev bench; do
        if [ "$kind" != run ] && [ "$installed" != "$kind" ]; then
            continue
        fi
        if is_intact && [ "$(cat ".venv/.loopwright-$installed" 2>/dev/null)" = "$fingerprint" ]; then
            return
        fi
    done
    if ! is_intact; then
        say "making .venv with $python"
        if ! rm -rf .venv 2>/dev/null; then
            say "cannot replace .venv, which belongs to somebody else; remove it and run this again"
            exit 1
        fi
        "$python" -m venv .venv
    fi
    say "installing loopwright$extra into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --editable ".$extra" </dev/null >&2
    echo "$fingerprint" >".venv/.loopwright-$kind"
}

python=$(find_python)
venv_packages=()
if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    venv_packages=(python3-venv)
fi
system_packages
virtual_environment
