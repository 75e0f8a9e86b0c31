-- Deletes some results of the first of a tenant's archived runs, so that those can be deleted next.
DELETE FROM TestCaseResultArchive
WHERE rowid IN (SELECT x.rowid
                FROM TestCaseResultArchive x
                WHERE x.RunId IN (SELECT Id FROM EvaluationRunArchive WHERE TenantId = @TenantId ORDER BY Id LIMIT @Limit)
                LIMIT @Limit);
