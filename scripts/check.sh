#!/usr/bin/env bash
# What a change must pass before it is shared: format, build without warnings, all tests.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet format --verify-no-changes --severity warn
dotnet build
dotnet test --no-build
