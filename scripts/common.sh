# Sourced by quickstart, run-tests and the scripts here: progress lines, and asking for root only where it is needed.

started_at=$(date +%s)

# say TEXT: one line with the time since the start.
say() {
  local seconds=$(($(date +%s) - started_at))
  printf '[%2d:%02d] %s\n' $((seconds / 60)) $((seconds % 60)) "$*"
}

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# as_root WHY COMMAND...: runs it as root; without root asks sudo, and says what for.
as_root() {
  local why=$1
  shift
  if [ "$(id -u)" = 0 ]; then
    "$@"
    return
  fi
  command -v sudo >/dev/null || die "root is needed to $why: run me as root, or install sudo"
  say "asking sudo for root, to $why: $*"
  sudo -- "$@"
}
