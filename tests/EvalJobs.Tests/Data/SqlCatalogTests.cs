using EvalJobs.Data;

namespace EvalJobs.Tests.Data;

public sealed class SqlCatalogTests
{
    [Test]
    public void Load_EitherDialect_FindsAFileForEveryQueryAndAQueryForEveryFile([Values] StorageProvider dialect)
    {
        var catalog = SqlCatalog.Load(dialect);

        Enum.GetValues<SqlQuery>().Should().OnlyContain(query => catalog[query].Length > 0);
    }
}
