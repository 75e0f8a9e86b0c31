-- Alerts newest first, a page at a time: pass the last id seen as @BeforeId. Null means any.
-- RECOMPILE: the best index depends on which filters are given.
-- CAST: the program sends text as nvarchar, and by some collations a varchar column is then converted row by row instead of sought.
-- Parameters: @TenantId bigint, @Status varchar(20), @BeforeId bigint, @Limit int
SELECT TOP (@Limit) a.Id, a.TenantId, t.Slug AS TenantSlug, a.Topic, a.Phase, a.Text, a.[Count], a.Status, a.DueAt,
       a.Attempt, a.LeaseOwner, a.SentTo, a.LastError, a.CreatedAt, a.RaisedAt, a.TakenAt, a.EndedAt
FROM eval.Alert a
LEFT JOIN eval.Tenant t ON t.Id = a.TenantId
WHERE (@TenantId IS NULL OR a.TenantId = @TenantId)
  AND (@Status IS NULL OR a.Status = CAST(@Status AS varchar(20)))
  AND a.Id < @BeforeId
ORDER BY a.Id DESC
OPTION (RECOMPILE);
