#!/usr/bin/env bash
# Generates docs/THIRD-PARTY-NOTICES.md from the packages that the restore of the server has resolved. Run it after a change of packages.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet restore EvalJobs.sln
EVALJOBS_UPDATE=notices dotnet test tests/EvalJobs.Tests --filter "FullyQualifiedName~ThirdPartyNoticesTests"
