#!/usr/bin/env bash
# npm start: set up what is missing, build, and run the main job between two network namespaces.
#   npm start [-- --runtime node]
set -euo pipefail
cd "$(dirname "$0")/.."
bash lab/setup.sh
# A build takes several seconds: only where something has changed since the last one.
if [ ! -e dist/built ] || [ -n "$(find src hotplug native package.json rollup.config.mjs -newer dist/built -print -quit)" ]; then
  npm run --silent build
  touch dist/built
fi
exec npx --no-install tsx lab/main.ts "$@"
