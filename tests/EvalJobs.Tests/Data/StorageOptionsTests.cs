using EvalJobs.Data;

namespace EvalJobs.Tests.Data;

/// <summary>Connection strings are checked before any connection, and the error never shows a value that may be secret.</summary>
internal sealed class StorageOptionsTests
{
    [TestCase("Database=EvalJobs", "names no server")]
    [TestCase("Server=db;Database=EvalJobs;ApplicationIntent=ReadOnly", "ApplicationIntent=ReadOnly leads to a copy that cannot be written")]
    [TestCase("Server=db;Authentication=Active Directory Default", "needs the package Microsoft.Data.SqlClient.Extensions.Azure")]
    [TestCase("Server=db;Authentication=Active Directory Managed Identity;User Id=app", "Authentication=ActiveDirectoryManagedIdentity needs the package")]
    [TestCase("Server=db;Authentication=Nonsense", "Invalid value for key")]
    public void ConnectionStringError_OfSqlServer_SaysWhatIsWrong(string text, string error) =>
        StorageOptions.ConnectionStringError(StorageProvider.SqlServer, text).Should().NotBeNull().And.Contain(error);

    [TestCase("Server=db;Database=EvalJobs;User Id=run;Password=x")]
    [TestCase("Server=db;Database=EvalJobs;Integrated Security=true;MultiSubnetFailover=true")]
    [TestCase("Server=db;Database=EvalJobs;Authentication=Sql Password;User Id=run;Password=x;ApplicationIntent=ReadWrite")]
    public void ConnectionStringError_OfAUsableString_IsNone(string text) =>
        StorageOptions.ConnectionStringError(StorageProvider.SqlServer, text).Should().BeNull();
}
