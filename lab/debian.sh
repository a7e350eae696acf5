# shellcheck shell=bash
# Debian's source packages. Sourced, with `fail` defined.

# The Debian mirror that this machine itself is configured with.
mirror() {
  local codename
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  {
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
      sed -n 's/^deb \(\[[^]]*\] *\)\?//p' | awk -v suite="$codename" '$2 == suite && / main( |$)/ { print $1 }'
    cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk -v suite="$codename" 'BEGIN { RS = ""; FS = "\n" }
      { uri = suites = parts = ""
        for (i = 1; i <= NF; i++) { split($i, word, " ")
          if ($i ~ /^URIs:/) uri = word[2]
          if ($i ~ /^Suites:/) suites = $i " "
          if ($i ~ /^Components:/) parts = $i " " }
        if (index(suites, " " suite " ") && index(parts, " main ")) print uri }'
  } | head -n 1
}

# fetch_source NAME VERSION SUITE FOLDER: unpacks (an empty version: the suite's) Debian's source package into FOLDER/download/; the system's own apt lists and
# sources stay as they are.
fetch_source() {
  local name=$1 version=$2 suite=$3 into=$4 from keys=/usr/share/keyrings/debian-archive-keyring.gpg
  from=$(mirror)
  [ -n "$from" ] || fail 'no Debian mirror in /etc/apt/sources.list*: this set-up knows Debian only'
  mkdir -p "$into"/{state/lists/partial,cache/archives/partial,download}
  echo "deb-src [signed-by=$keys] $from $suite main" >"$into/sources.list"
  : >"$into/state/status"
  local apt=(apt-get -q -o "Dir::State=$into/state" -o "Dir::State::status=$into/state/status" -o "Dir::Cache=$into/cache"
    -o "Dir::Etc::sourcelist=$into/sources.list" -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root
    -o Acquire::Languages=none)
  (cd "$into/download" && "${apt[@]}" update && "${apt[@]}" source "$name${version:+=$version}") >"$into/apt.log" 2>&1 ||
    { tail -n 20 "$into/apt.log" >&2; fail "no source package $name=$version at $from"; }
}
