#!/bin/sh
# For cargo's build.rustc-workspace-wrapper: compiles our own crates so that each access to memory is
# checked, and leaves everybody else's as they are compiled already. The runtime comes with the stable
# compiler, which wants to be told that the flag may still change.
RUSTC_BOOTSTRAP=1
export RUSTC_BOOTSTRAP
exec "$@" -Zsanitizer=address --cfg address_sanitizer
