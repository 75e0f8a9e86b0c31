#!/usr/bin/env bash
# Tries on a SQL Server what could not be tried where EvalJobs was built, and leaves a report to send us: versions and settings, the actual plans of the hot
# queries on 10,000 tenants and 1,000,000 ended runs, and the lock waits and deadlocks of a storm of claims, completions and deletions, with read-committed snapshot off and on.
# It makes databases of its own, named EvalJobsTest_…, and drops them. It needs some 5 GB there, a login that can create databases and has VIEW SERVER STATE, and half an hour.
# Usage: EVALJOBS_TEST_SQLSERVER='Server=…' scripts/verify-sqlserver.sh [folder for the report]
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${EVALJOBS_TEST_SQLSERVER:-}" ]; then
  echo "Set EVALJOBS_TEST_SQLSERVER to a connection string." >&2
  exit 2
fi

report="$(mkdir -p "${1:-sqlserver-report}" && cd "${1:-sqlserver-report}" && pwd)"
if [ -n "$(ls -A "$report")" ]; then
  echo "$report is not empty: name a folder for this report, or empty it." >&2
  exit 2
fi
export EVALJOBS_REPORT="$report"
result=0
dotnet test tests/EvalJobs.SqlServerTests --filter "TestCategory=SqlServer&FullyQualifiedName~EvalJobs.Tests.Plans" --logger "console;verbosity=normal" 2>&1 | tee "$report/tests.txt" || result=$?
head -n 2 "$report/server.txt" 2>/dev/null || true
cat "$report/storm.txt" "$report"/locks-*.txt 2>/dev/null || true
echo "The report is in $report. It holds plans and settings, no data of yours and no password."
exit "$result"
