-- Purpose:    Versions whose genome no longer fits its hash: somebody changed what was written once. Their runs fail with that reason. No row: all is well.
--             Apart from 42 because it reads and hashes every genome: choose a quiet hour.
-- Parameters: none
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

-- Each hash is of the UTF-8 bytes of a text as stored: GenomeHash of the canonical JSON, GenomeTextHash of the author's text (null for versions of before it was kept).
-- nvarchar holds UTF-16, and a collation of UTF-8 is what converts it. That both texts mean the same, the server checks before each run.
SELECT t.Slug AS TenantSlug, c.VersionId, c.AgentName, c.VersionLabel, c.CreatedAt, c.StoredHash, c.ComputedHash, c.StoredTextHash, c.ComputedTextHash
FROM (SELECT v.Id AS VersionId, v.TenantId, v.AgentName, v.VersionLabel, v.CreatedAt, v.GenomeHash AS StoredHash,
             LOWER(CONVERT(char(64), HASHBYTES('SHA2_256', CAST(v.Genome COLLATE Latin1_General_100_CI_AS_SC_UTF8 AS varchar(max))), 2)) AS ComputedHash,
             v.GenomeTextHash AS StoredTextHash,
             LOWER(CONVERT(char(64), HASHBYTES('SHA2_256', CAST(v.GenomeText COLLATE Latin1_General_100_CI_AS_SC_UTF8 AS varchar(max))), 2)) AS ComputedTextHash
      FROM eval.AgentVersion v) c
JOIN eval.Tenant t ON t.Id = c.TenantId
WHERE c.ComputedHash <> c.StoredHash
   OR c.ComputedTextHash <> c.StoredTextHash
   OR (c.ComputedTextHash IS NULL AND c.StoredTextHash IS NOT NULL)
   OR (c.ComputedTextHash IS NOT NULL AND c.StoredTextHash IS NULL)
ORDER BY c.VersionId;
