-- Deletes archived results of those runs, at most so many: copied back just before, or past their age.
DELETE FROM TestCaseResultArchive
WHERE (RunId, TestCaseId) IN (SELECT RunId, TestCaseId
                              FROM TestCaseResultArchive
                              WHERE RunId IN (SELECT value FROM json_each(@RunIds))
                              ORDER BY RunId, TestCaseId
                              LIMIT @Limit);
