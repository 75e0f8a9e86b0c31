-- The alerts just claimed, oldest first.
-- Parameters: @Ids nvarchar(max)
SELECT a.Id, a.TenantId, t.Slug AS TenantSlug, a.Topic, a.Phase, a.Text, a.[Count], a.Status, a.DueAt,
       a.Attempt, a.LeaseOwner, a.SentTo, a.LastError, a.CreatedAt, a.RaisedAt, a.TakenAt, a.EndedAt
FROM eval.Alert a
LEFT JOIN eval.Tenant t ON t.Id = a.TenantId
WHERE a.Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@Ids) j)
ORDER BY a.Id;
