#!/usr/bin/env bash
# Tests on a SQL Server what could not be tested where EvalJobs was developed, and writes a report for its developers: versions and settings, the actual plans of
# the hot queries with 10,000 tenants and 1,000,000 ended runs, and the lock waits and deadlocks of many claims, completions and deletions at the same time, with
# read-committed snapshot off and on. It creates databases named EvalJobsTest_… and drops them. It needs about 5 GB on the server, a login that can create
# databases and has VIEW SERVER STATE, and half an hour.
# Usage: EVALJOBS_TEST_SQLSERVER='Server=…' scripts/verify-sqlserver.sh [folder for the report]
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${EVALJOBS_TEST_SQLSERVER:-}" ]; then
  echo "Set EVALJOBS_TEST_SQLSERVER to a connection string." >&2
  exit 2
fi

report="$(mkdir -p "${1:-sqlserver-report}" && cd "${1:-sqlserver-report}" && pwd)"
if [ -n "$(ls -A "$report")" ]; then
  echo "$report is not empty: name another folder for this report, or empty this one." >&2
  exit 2
fi
export EVALJOBS_REPORT="$report"
result=0
dotnet test tests/EvalJobs.SqlServerTests --filter "TestCategory=SqlServer&FullyQualifiedName~EvalJobs.Tests.Plans" --logger "console;verbosity=normal" 2>&1 | tee "$report/tests.txt" || result=$?
head -n 2 "$report/server.txt" 2>/dev/null || true
cat "$report/storm.txt" "$report"/locks-*.txt 2>/dev/null || true
echo "The report is in $report. It contains plans and settings, but none of your data and no password."
exit "$result"
