using System.Globalization;
using System.Xml.Linq;

namespace EvalJobs.Tests.Support;

/// <summary>An actual plan of SQL Server, as <c>SET STATISTICS XML ON</c> returns it, and its violations of what is expected.</summary>
public sealed class ShowPlan
{
    private static readonly XNamespace Ns = "http://schemas.microsoft.com/sqlserver/2004/07/showplan";

    private static readonly string[] Scans = ["Table Scan", "Clustered Index Scan", "Index Scan", "Remote Scan"];

    private readonly XElement _root;

    private ShowPlan(XElement root) => _root = root;

    /// <exception cref="InvalidOperationException">The XML is not a showplan with a statement.</exception>
    public static ShowPlan Parse(string xml)
    {
        var root = XElement.Parse(xml);
        return root.Name == Ns + "ShowPlanXML" && root.Descendants(Ns + "RelOp").Any() ? new ShowPlan(root)
            : throw new InvalidOperationException("Not a showplan of a statement that reads or writes rows.");
    }

    /// <summary>The indexes the plan seeks, as "table.index", without brackets.</summary>
    public IReadOnlyList<string> Seeks =>
        [.. Operators.Where(each => Physical(each).EndsWith("Seek", StringComparison.Ordinal)).SelectMany(Objects).Select(Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Rows that all accesses together read from tables and indexes.</summary>
    public long RowsRead => Operators.Where(each => Objects(each).Any()).Sum(each => Counters(each).Sum(counter =>
        Number(counter, "ActualRowsRead") ?? Number(counter, "ActualRows") ?? 0));

    /// <summary>The memory granted, in KB; 0 when none was needed.</summary>
    public long GrantedMemoryKb => _root.Descendants(Ns + "MemoryGrantInfo").Sum(info => Number(info, "GrantedMemory") ?? 0);

    /// <param name="expected">The properties of a good plan of this query.</param>
    /// <returns>A sentence for each violation.</returns>
    public IReadOnlyList<string> Violations(PlanExpectation expected)
    {
        var errors = new List<string>();
        errors.AddRange(expected.Seeks.Where(index => !Seeks.Contains(index, StringComparer.Ordinal)).Select(index => $"does not seek {index}; it seeks {(Seeks.Count == 0 ? "nothing" : string.Join(", ", Seeks))}"));
        errors.AddRange(from each in Operators
                        where Scans.Contains(Physical(each))
                        from index in Objects(each).Select(Name)
                        where index.Length > 0 && !expected.ScansAllowed.Contains(index) && !expected.ScansAllowed.Contains(index[..index.IndexOf('.')])
                        select $"scans {index}");
        if (!expected.MaySort)
        {
            errors.AddRange(from top in Operators.Where(each => Physical(each) == "Top")
                            from sort in top.Descendants(Ns + "RelOp").Where(each => Physical(each) is "Sort")
                            select "sorts below TOP: it reads all rows to return a few");
            errors.AddRange(Operators.Where(each => Physical(each) == "Sort" && each.Attribute("LogicalOp")?.Value == "TopN Sort").Select(_ => "sorts all rows for the first few (TopN Sort)"));
        }

        if (GrantedMemoryKb > expected.MaxGrantKb)
            errors.Add($"is granted {GrantedMemoryKb} KB of memory; at most {expected.MaxGrantKb}");
        if (RowsRead > expected.MaxRowsRead)
            errors.Add($"reads {RowsRead} rows; at most {expected.MaxRowsRead}");
        errors.AddRange(_root.Descendants(Ns + "PlanAffectingConvert").Where(each => each.Attribute("ConvertIssue")?.Value == "Seek Plan").Select(each => $"converts a column: {each.Attribute("Expression")?.Value}"));
        errors.AddRange(_root.Descendants(Ns + "SpillToTempDb").Select(_ => "spills to tempdb"));
        errors.AddRange(_root.Descendants(Ns + "Warnings").Where(each => each.Attribute("NoJoinPredicate")?.Value is "1" or "true").Select(_ => "joins without a predicate"));
        return [.. errors.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>One line for each operator, for a report.</summary>
    public IEnumerable<string> Lines() => Operators.Select(each =>
        $"{new string(' ', 2 * each.Ancestors(Ns + "RelOp").Count())}{Physical(each)}{(Objects(each).FirstOrDefault() is { } one ? $" {Name(one)}" : "")}, {Counters(each).Sum(counter => Number(counter, "ActualRows") ?? 0)} rows");

    private IEnumerable<XElement> Operators => _root.Descendants(Ns + "RelOp");

    private static string Physical(XElement relOp) => relOp.Attribute("PhysicalOp")?.Value ?? "";

    /// <summary>The objects of this operator, not of those below it. Operators that write are left out.</summary>
    private static IEnumerable<XElement> Objects(XElement relOp) =>
        relOp.Elements().Where(each => each.Name.LocalName is "IndexScan" or "TableScan").SelectMany(each => each.Elements(Ns + "Object"));

    private static IEnumerable<XElement> Counters(XElement relOp) => relOp.Elements(Ns + "RunTimeInformation").Elements(Ns + "RunTimeCountersPerThread");

    private static string Name(XElement found)
    {
        var (schema, table, index) = (Bare(found, "Schema"), Bare(found, "Table"), Bare(found, "Index"));
        // Table variables and the rows of OPENJSON do not grow with history.
        return schema == "eval" ? $"{table}.{index}" : "";
    }

    private static string Bare(XElement element, string attribute) => element.Attribute(attribute)?.Value.Trim('[', ']') ?? "";

    private static long? Number(XElement element, string attribute) =>
        element.Attribute(attribute) is { Value: var text } ? long.Parse(text, CultureInfo.InvariantCulture) : null;
}

/// <summary>The properties of a good plan of a query.</summary>
public sealed record PlanExpectation
{
    /// <summary>Indexes the plan must seek, as "table.index".</summary>
    public IReadOnlyList<string> Seeks { get; init; } = [];

    /// <summary>Indexes, as "table.index", or tables the plan may scan: filtered indexes of live rows, and tables that do not grow with history.</summary>
    public IReadOnlySet<string> ScansAllowed { get; init; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Whether the plan may sort all rows before it returns the first. Allowed where the rows are few.</summary>
    public bool MaySort { get; init; }

    /// <summary>The highest number of rows to read from tables and indexes.</summary>
    public long MaxRowsRead { get; init; } = 2000;

    /// <summary>The highest memory grant, in KB. A sort or a hash gets at least 1 MB.</summary>
    public long MaxGrantKb { get; init; } = 4096;
}
