#!/usr/bin/env bash
# Writes docs/THIRD-PARTY-NOTICES.md anew, from the packages that the server's restore has resolved. Run it after a change of packages.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet restore EvalJobs.sln
EVALJOBS_UPDATE=notices dotnet test tests/EvalJobs.Tests --filter "FullyQualifiedName~ThirdPartyNoticesTests"
