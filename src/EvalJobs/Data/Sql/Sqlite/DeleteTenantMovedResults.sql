-- Deletes some archived results of the first of a tenant's runs: those on their way to the archive or back.
DELETE FROM TestCaseResultArchive
WHERE rowid IN (SELECT x.rowid
                FROM TestCaseResultArchive x
                WHERE x.RunId IN (SELECT Id FROM EvaluationRun WHERE TenantId = @TenantId ORDER BY Id LIMIT @Limit)
                LIMIT @Limit);
