-- How many archived results those runs have: what a purge must delete.
-- UPDLOCK and HOLDLOCK: as many are there when they are deleted.
-- Parameters: @RunIds nvarchar(max)
SELECT COUNT(*) AS ResultCount
FROM eval.TestCaseResultArchive WITH (UPDLOCK, HOLDLOCK)
WHERE RunId IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j);
