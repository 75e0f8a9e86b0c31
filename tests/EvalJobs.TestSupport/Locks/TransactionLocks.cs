namespace EvalJobs.Tests.Support;

/// <summary>The locks of one transaction, tracked statement by statement.</summary>
internal sealed class TransactionLocks(LockOrder order)
{
    private readonly List<string> _held = [];

    /// <param name="statement">The name of the statement, for the message.</param>
    /// <param name="accesses">The tables it uses.</param>
    /// <returns>How it violates the order; null when it does not.</returns>
    public string? Take(string statement, IEnumerable<TableAccess> accesses)
    {
        foreach (var access in accesses.Where(access => !LockOrder.Free.Contains(access.Table, StringComparer.Ordinal) && access is not { Table: LockOrder.FreeToAdd, Kind: TableAccessKind.Insert }))
        {
            if (FindViolation(access) is { } violation)
                return $"{statement} {violation}";
            if (access.Kind != TableAccessKind.Read && !_held.Contains(access.Table))
                _held.Add(access.Table);
        }

        return null;
    }

    private string? FindViolation(TableAccess access)
    {
        if (order.PlaceOf(access.Table) is not { } place)
        {
            var owners = order.OwnersOf(access.Table);
            return access.Kind == TableAccessKind.Read || owners.Any(_held.Contains)
                ? null
                : $"takes {access.Table} without a row of {string.Join(" or ", owners)}, to which it belongs";
        }

        if (_held.Contains(access.Table))
            return null;
        var later = _held.Find(held => order.PlaceOf(held) > place);
        return later is null ? null : $"{(access.Kind == TableAccessKind.Read ? "reads" : "takes")} {access.Table} after {later}";
    }
}
