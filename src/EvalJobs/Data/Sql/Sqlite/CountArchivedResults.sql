-- How many archived results those runs have: what a purge must delete.
SELECT COUNT(*) AS ResultCount
FROM TestCaseResultArchive
WHERE RunId IN (SELECT value FROM json_each(@RunIds));
