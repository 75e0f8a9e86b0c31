#!/usr/bin/env bash
# What a change must pass before it is shared: format, build without warnings, all tests.
set -euo pipefail
cd "$(dirname "$0")/.."
# White space only: style and analyzers are errors of the build itself.
dotnet format whitespace EvalJobs.sln --verify-no-changes
dotnet build
dotnet test --no-build
