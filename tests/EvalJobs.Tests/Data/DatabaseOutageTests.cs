using EvalJobs.Data;
using EvalJobs.Tests.Support;
using Microsoft.Data.Sqlite;

namespace EvalJobs.Tests.Data;

/// <summary>An outage of the database is not a failure of the run that was being worked.</summary>
public sealed class DatabaseOutageTests
{
    // Connection errors and timeouts.
    [TestCase(-2, 11)]
    [TestCase(233, 20)]
    [TestCase(4060, 11)]
    [TestCase(4221, 14)]
    [TestCase(10053, 20)]
    [TestCase(10054, 20)]
    [TestCase(10060, 20)]
    [TestCase(17197, 14)]
    [TestCase(18401, 14)]
    // Locks.
    [TestCase(1204, 19)]
    [TestCase(1205, 13)]
    [TestCase(1222, 16)]
    // Memory and workers.
    [TestCase(701, 17)]
    [TestCase(802, 17)]
    [TestCase(8645, 17)]
    [TestCase(8651, 17)]
    [TestCase(10928, 16)]
    [TestCase(10929, 16)]
    [TestCase(10936, 16)]
    // Space.
    [TestCase(1101, 17)]
    [TestCase(1105, 17)]
    [TestCase(9002, 17)]
    [TestCase(40544, 16)]
    // State of the database.
    [TestCase(942, 14)]
    [TestCase(976, 14)]
    [TestCase(978, 14)]
    [TestCase(979, 14)]
    [TestCase(982, 14)]
    [TestCase(983, 14)]
    [TestCase(3906, 16)]
    [TestCase(3947, 16)]
    [TestCase(3948, 16)]
    // Azure SQL.
    [TestCase(40143, 16)]
    [TestCase(40197, 16)]
    [TestCase(40501, 16)]
    [TestCase(40540, 16)]
    [TestCase(40549, 16)]
    [TestCase(40550, 16)]
    [TestCase(40551, 16)]
    [TestCase(40552, 16)]
    [TestCase(40553, 16)]
    [TestCase(40613, 16)]
    [TestCase(42108, 16)]
    [TestCase(42109, 16)]
    [TestCase(49918, 16)]
    [TestCase(49919, 16)]
    [TestCase(49920, 16)]
    // Unknown errors with the severity of resource errors or higher.
    [TestCase(99999, 17)]
    [TestCase(99999, 18)]
    [TestCase(99999, 19)]
    [TestCase(99999, 20)]
    [TestCase(99999, 24)]
    public void IsOutage_ErrorOfTheServer_IsTrue(int number, byte errorClass) => SomeSqlException.Of(number, errorClass).IsOutage().Should().BeTrue();

    [TestCase(102, 15)]
    [TestCase(207, 16)]
    [TestCase(208, 16)]
    [TestCase(229, 14)]
    [TestCase(515, 16)]
    [TestCase(547, 16)]
    [TestCase(2601, 14)]
    [TestCase(2627, 14)]
    [TestCase(2628, 16)]
    [TestCase(8134, 16)]
    [TestCase(50000, 16)]
    [TestCase(99999, 16)]
    public void IsOutage_ErrorOfTheStatement_IsFalse(int number, byte errorClass) => SomeSqlException.Of(number, errorClass).IsOutage().Should().BeFalse();

    [TestCase(5, true)]
    [TestCase(6, true)]
    [TestCase(8, true)]
    [TestCase(10, true)]
    [TestCase(13, true)]
    [TestCase(14, true)]
    [TestCase(1, false)]
    [TestCase(19, false)]
    public void IsOutage_ErrorOfSqlite_IsTrueForErrorsOfTheFile(int code, bool expected) => new SqliteException("error", code).IsOutage().Should().Be(expected);

    [Test]
    public void IsOutage_RowsNotCounted_IsTrueBecauseNoRunIsToBlame()
    {
        new RowCountException(SqlQuery.HoldRun, "0 or 1", -1).IsOutage().Should().BeTrue();
        new RowCountException(SqlQuery.HoldRun, "0 or 1", 2).IsOutage().Should().BeFalse();
    }
}
