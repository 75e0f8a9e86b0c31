-- Deletes some results of the first of a tenant's runs, so that those can be deleted next.
DELETE FROM TestCaseResult
WHERE rowid IN (SELECT x.rowid
                FROM TestCaseResult x
                WHERE x.RunId IN (SELECT Id FROM EvaluationRun WHERE TenantId = @TenantId ORDER BY Id LIMIT @Limit)
                LIMIT @Limit);
