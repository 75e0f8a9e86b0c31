-- Purpose:    Versions whose genome no longer fits its hash: somebody changed what was written once. Their runs fail with that reason. No row: all is well.
--             Apart from 42 because it reads and hashes every genome: choose a quiet hour.
-- Parameters: none
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

-- The hash is of the UTF-8 bytes of the canonical JSON as stored; nvarchar holds UTF-16, and a collation of UTF-8 is what converts it.
SELECT t.Slug AS TenantSlug, c.VersionId, c.AgentName, c.VersionLabel, c.CreatedAt, c.StoredHash, c.ComputedHash
FROM (SELECT v.Id AS VersionId, v.TenantId, v.AgentName, v.VersionLabel, v.CreatedAt, v.GenomeHash AS StoredHash,
             LOWER(CONVERT(char(64), HASHBYTES('SHA2_256', CAST(v.Genome COLLATE Latin1_General_100_CI_AS_SC_UTF8 AS varchar(max))), 2)) AS ComputedHash
      FROM eval.AgentVersion v) c
JOIN eval.Tenant t ON t.Id = c.TenantId
WHERE c.ComputedHash <> c.StoredHash
ORDER BY c.VersionId;
