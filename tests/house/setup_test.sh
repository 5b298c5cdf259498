#!/usr/bin/env bash
# scripts/setup from outside, with a machine made of fakes: dpkg-query knows the packages of $INSTALLED, id answers $UID_IS,
# apt-get and sudo write down how they were called. Nothing is installed.
set -uo pipefail

setup=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
failures=0

fake() { printf '#!/bin/bash\n%s\n' "$2" >"$work/bin/$1"; chmod +x "$work/bin/$1"; }
fake dpkg-query 'for p in $INSTALLED; do echo "$p installed"; done; echo "cmake-data config-files"'
fake id 'echo "$UID_IS"'
fake apt-get 'echo "apt-get $*" >>"$CALLS"'
fake sudo '[ -n "$SUDO_WORKS" ] || exit 1; [ "$1" != -n ] || exit 0; echo "sudo" >>"$CALLS"; "$@"'

# run NAME INSTALLED UID SUDO_WORKS [option...]: leaves status, out and calls
run() {
  name=$1
  : >"$work/calls"
  out=$(INSTALLED=$2 UID_IS=$3 SUDO_WORKS=$4 CALLS="$work/calls" PATH="$work/bin:$PATH" "$setup" "${@:5}" 2>&1)
  status=$?
  calls=$(cat "$work/calls")
}
expect() {  # WHAT ACTUAL PATTERN
  # shellcheck disable=SC2053  # the pattern is meant as one
  if [[ $2 == $3 ]]; then return; fi
  printf 'FAILED: %s: %s\n--- expected ---\n%s\n--- actual ---\n%s\n' "$name" "$1" "$3" "$2"
  failures=$((failures + 1))
}

everything=$("$setup" --list | cut -d' ' -f1)
without_mold=${everything/$'\n'mold$'\n'/$'\n'}
without_gtest=${everything/$'\n'libgtest-dev$'\n'/$'\n'}
install='apt-get update --quiet=2
*apt-get install --yes --quiet=2 --no-install-recommends'

run "nothing is missing" "$everything" 1000 ""
expect status "$status" 0
expect output "$out" ""
expect calls "$calls" ""

run "missing, as root" "$without_mold" 0 ""
expect status "$status" 0
expect calls "$calls" "$install mold"

run "missing, as a user with sudo" "$without_mold" 1000 yes
expect status "$status" 0
expect calls "$calls" "sudo
$install mold"

run "missing, as a user without" "$without_mold" 1000 ""
expect status "$status" 1
expect calls "$calls" ""
expect output "$out" "*sudo apt-get update && sudo apt-get install --yes --no-install-recommends mold"

run "only looking" "$without_mold" 0 "" --check
expect status "$status" 1
expect calls "$calls" ""
expect output "$out" "setup: missing: mold"

run "a test library is not needed to build" "$without_gtest" 0 "" --build
expect status "$status" 0
expect calls "$calls" ""

run "a misspelt option" "$everything" 0 "" --biuld
expect status "$status" 2
expect output "$out" "*unknown option --biuld*"

exit "$((failures > 0))"
