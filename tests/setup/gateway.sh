# Sourced by scripts that put load on a gateway: a mock server, a policy and a token in a folder that
# goes with the script. Needs $bin, where the programs are; sets $work, $token and $pids.
#
# The caller starts the gateway and adds its process to $pids.

work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

# listen LOG: the address that a program says it listens on.
listen() {
  for _ in $(seq 600); do
    local line
    line=$(sed -n 's|^listening on http://||p' "$1")
    if [ -n "$line" ]; then echo "${line%%/*}"; return; fi
    sleep 0.1
  done
  echo "nothing listens: $(cat "$1")" >&2
  return 1
}

# prepare TTL: starts the mock server, compiles a policy before it, and issues a token.
prepare() {
  "$bin/varistor-bench" upstream > "$work/upstream.log" & pids+=($!)
  local upstream
  upstream=$(listen "$work/upstream.log")
  "$bin/varictl" init "$work/policy" > /dev/null
  cat > "$work/policy/varistor.yaml" <<YAML
listen: 127.0.0.1:0
servers:
  alpha: { url: "http://$upstream/mcp" }
organisations:
  acme:
    roles: { everything: { allow: ["*"] } }
    agents: { tester: { roles: [everything] } }
YAML
  "$bin/varictl" compile --dir "$work/policy" > /dev/null
  token=$("$bin/varictl" token issue --dir "$work/policy" --agent tester --ttl "$1")
}
