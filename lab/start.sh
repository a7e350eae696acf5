#!/usr/bin/env bash
# npm start: set up what is missing, build, and run the main job between two network namespaces.
#   npm start [-- --runtime node]
set -euo pipefail
cd "$(dirname "$0")/.."
bash lab/setup.sh
npm run --silent build
exec npx --no-install tsx lab/main.ts "$@"
