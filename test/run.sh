#!/usr/bin/env bash
# npm test: everything that can be tested on this machine. One line a part; the output of a part only when it fails; the
# last line is `N passed, N failed`. With CI=true a test that says "skipped: …" is a failure too.
set -u
cd "$(dirname "$0")/.."

cache="${XDG_CACHE_HOME:-$HOME/.cache}/openwrt-macvlan"
qemu=(qemu-mips-static -L /usr/mips-linux-gnu "$cache/qjs-mips")
export NO_COLOR=1
passed=0 failed=0
log=$(mktemp) parts=$(mktemp -d)
trap 'rm -rf "$log" "$parts"' EXIT

seconds() { printf '%d.%d s' $(($1 / 1000)) $(($1 % 1000 / 100)); }
now() { local t=${EPOCHREALTIME/[.,]/}; echo "${t%???}"; }
total() { awk -v word="$1:" '$1 == word { sum += $2 } END { print sum + 0 }' "$log"; }

# run LIMIT COMMAND…: its output in $log, the time it took in $took.
run() {
  local limit=$1 start status
  shift
  start=$(now)
  timeout -k 5 "$limit" "$@" >"$log" 2>&1 </dev/null
  status=$?
  took=$(($(now) - start))
  [ $status -ne 124 ] || echo "no end within $limit s" >>"$log"
  return $status
}

report() { # NAME PASSED FAILED
  printf '%-28s %4d passed, %d failed  %8s\n' "$1" "$2" "$3" "$(seconds "$took")"
  passed=$((passed + $2)) failed=$((failed + $3))
  [ "$3" -eq 0 ] || sed 's/^/    /' "$log"
}

# A command that is right or wrong as a whole.
step() {
  local name=$1
  shift
  if run "$@"; then printf '%-28s %33s\n' "$name" "$(seconds "$took")"; else report "$name" 0 1; fi
}

# tests NAME LIMIT COMMAND…: a program that ends with uvu's totals. One without them, or with a bad end, has crashed.
tests() {
  local name=$1 good bad skipped
  shift
  run "$@"
  local status=$?
  good=$(total Passed) bad=$(($(total Total) - $(total Passed)))
  skipped=$(($(grep -c 'skipped: ' "$log") + $(total Skipped)))
  grep -q '^  Total:' "$log" || { echo 'no totals: it ended before its tests did' >>"$log"; status=1; }
  [ $status -eq 0 ] || [ $bad -gt 0 ] || bad=1
  [ "${CI:-}" != true ] || bad=$((bad + skipped))
  report "$name" "$good" "$bad"
  [ $bad -gt 0 ] || grep -oE '(skipped|left out|measured): .*' "$log" | sed 's/^/    /'
}

# What runs beside other things, by its process: where its output and its counts lie.
declare -A running=()

# beside COUNT NAME LIMIT FILE…: test files, so many at once; each is reported when it has ended.
beside() {
  local count=$1 name=$2 limit=$3 file
  shift 3
  for file; do
    [ ${#running[@]} -lt "$count" ] || finish
    start "$name/$(basename "$file" .test.ts)" "$limit" node_modules/.bin/tsx "$file"
  done
  while [ ${#running[@]} -gt 0 ]; do finish; done
}

# `tests` in a shell of its own, which has counts and a log of its own.
start() { # TITLE LIMIT COMMAND…
  local out="$parts/${1//[^a-z]/-}"
  (
    passed=0 failed=0 log=$out.log
    tests "$@" >"$out.out"
    echo "$passed $failed" >"$out.counts"
  ) &
  running[$!]=$out
}

# The first of those that run which ends.
finish() {
  local pid out good bad
  wait -n -p pid "${!running[@]}"
  out=${running[$pid]}
  unset "running[$pid]"
  cat "$out.out"
  read -r good bad <"$out.counts"
  passed=$((passed + good)) failed=$((failed + bad))
}

# The contract brings links up and opens packet sockets: in a network of its own, with a descriptor that must not reach children.
alone=()
for try in 'unshare -rn' 'unshare -n'; do
  $try true 2>/dev/null && { alone=($try); break; }
done
contract() {
  local name=$1
  shift
  tests "contract ($name)" 120 "${alone[@]}" bash -c 'ulimit -n 4096; exec "$@" 7</dev/null' contract "$@"
}

# The cross-built module with the same bundle beside it.
build_mips() {
  rm -rf dist/mips && mkdir -p dist/mips/test && bash native/build.sh --cc mips-linux-gnu-gcc --out dist/mips/qjs &&
    cp dist/test/{contract.qjs,unit-fixed}.mjs dist/mips/test/ && cp dist/qjs/{*.mjs,udhcpc.script} dist/mips/qjs/
}

bash lab/setup.sh --with-mips --with-uml --with-vm --with-web || { echo 'set-up failed'; echo '0 passed, 1 failed'; exit 1; }
rm -rf dist/test
step check 300 npm run --silent check
step build 300 npm run --silent build
export -f build_mips
step 'build (mips)' 120 bash -c build_mips

start 'unit (qjs, mips)' 300 "${qemu[@]}" dist/mips/test/unit-fixed.mjs
tests 'unit (node)' 120 node dist/test/unit.mjs
tests 'unit (qjs)' 120 "$cache/qjs" dist/test/unit.mjs
finish
echo '    left out: the random tests: emulation takes 25 times as long'
contract node node dist/test/contract.node.mjs
contract qjs "$cache/qjs" dist/test/contract.qjs.mjs
UNDER_QEMU=1 contract 'qjs, mips' "${qemu[@]}" dist/mips/test/contract.qjs.mjs

tests files 60 node_modules/.bin/tsx test/feed/files.test.ts
# All architectures take five minutes; these are the first that it is for, and this machine's.
if [ "$(uname -m)" = x86_64 ]; then
  step feed 600 npm run --silent feed mips_24kc x86_64
  tests 'feed' 120 node_modules/.bin/tsx test/feed/feed.test.ts
  if [ "$(id -u)" = 0 ]; then
    tests 'feed (installed)' 120 node_modules/.bin/tsx test/feed/installed.test.ts
    # The kernel of a big-endian router takes four minutes the first time.
    step 'board (mips)' 900 bash lab/board.sh mips_24kc
    tests 'board (mips)' 200 node_modules/.bin/tsx test/board/board.test.ts mips_24kc
  else
    echo 'board                        skipped: it makes a network namespace, which takes root'
    [ "${CI:-}" != true ] || failed=$((failed + 1))
  fi
else
  echo 'feed                         skipped: its tests run on x86_64'
fi

tests translations 60 node_modules/.bin/tsx test/web/translations.test.ts
if [ "$(id -u)" = 0 ]; then
  tests web 200 node_modules/.bin/tsx test/web/lines.test.ts
  # They wait for leases and time-outs most of the time, each in networks of its own.
  beside 3 live 300 test/live/*.test.ts
else
  echo 'live                         skipped: they make network namespaces, which takes root'
  [ "${CI:-}" != true ] || failed=$((failed + 1))
fi

# Under kernels of their own, where all is allowed: this machine's may lack what they need, and so may its user.
files=()
for kernel in uml vm; do
  if reason=$(bash lab/$kernel/run.sh true 2>&1); then
    mapfile -t -O ${#files[@]} files < <(grep -lE "inside\('$kernel'\)|\{ ${kernel^^} \}" test/vm/*.test.ts)
  else
    echo "vm ($kernel)                     skipped: ${reason##*$'\n'}"
    [ "${CI:-}" != true ] || failed=$((failed + 1))
  fi
done
# Most of them use one processor, and wait for much of their time.
[ ${#files[@]} -eq 0 ] || beside 2 vm 420 "${files[@]}"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
