#!/usr/bin/env bash
# The checks that every change must pass: format, build without warnings, all tests.
set -euo pipefail
cd "$(dirname "$0")/.."
# Only white space: the build itself reports style and analyzers as errors.
dotnet format whitespace EvalJobs.sln --verify-no-changes
dotnet build
dotnet test --no-build
