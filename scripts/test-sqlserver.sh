#!/usr/bin/env bash
# Runs the tests that need a SQL Server: on the one in EVALJOBS_TEST_SQLSERVER (any login that can create a database), or on one that
# this script starts and stops in Docker. Arguments go to 'dotnet test', such as: --filter "FullyQualifiedName~CrashTests".
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${EVALJOBS_TEST_SQLSERVER:-}" ]; then
  if ! docker info >/dev/null 2>&1; then
    echo "Set EVALJOBS_TEST_SQLSERVER to a connection string, or start Docker." >&2
    exit 1
  fi

  # Only for this container, which only this machine can reach and which is deleted at the end.
  password="Aa1!$(head -c 18 /dev/urandom | base64 | tr -dc 'A-Za-z0-9')"
  container=$(docker run --detach --rm --env ACCEPT_EULA=Y --env MSSQL_SA_PASSWORD="$password" \
    --publish 127.0.0.1::1433 "${EVALJOBS_TEST_SQLSERVER_IMAGE:-mcr.microsoft.com/mssql/server:2022-latest}")
  trap 'docker stop "$container" >/dev/null' EXIT
  port=$(docker port "$container" 1433/tcp | head -n 1 | sed 's/.*://')
  export EVALJOBS_TEST_SQLSERVER="Server=127.0.0.1,$port;User Id=sa;Password=$password;TrustServerCertificate=true"

  for attempt in $(seq 60); do
    if docker exec "$container" bash -c '$(ls /opt/mssql-tools*/bin/sqlcmd | head -n 1) -C -S localhost -U sa -P "$MSSQL_SA_PASSWORD" -Q "SELECT 1"' >/dev/null 2>&1; then
      break
    fi
    if [ "$attempt" -eq 60 ]; then
      docker logs --tail 30 "$container" >&2
      echo "SQL Server did not start." >&2
      exit 1
    fi
    sleep 2
  done
fi

if [ "$#" -eq 0 ]; then
  set -- --filter "TestCategory=SqlServer"
fi
dotnet test EvalJobs.sln "$@"
