-- The alerts just claimed, oldest first.
SELECT a.Id, a.TenantId, t.Slug AS TenantSlug, a.Topic, a.Phase, a.Text, a.[Count], a.Status, a.DueAt,
       a.Attempt, a.LeaseOwner, a.SentTo, a.LastError, a.CreatedAt, a.RaisedAt, a.TakenAt, a.EndedAt
FROM Alert a
LEFT JOIN Tenant t ON t.Id = a.TenantId
WHERE a.Id IN (SELECT value FROM json_each(@Ids))
ORDER BY a.Id;
