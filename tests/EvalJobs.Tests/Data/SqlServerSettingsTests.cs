using EvalJobs.Data;

namespace EvalJobs.Tests.Data;

public sealed class SqlServerSettingsTests
{
    [Test]
    public void Warnings_CorrectSettings_AreNone() =>
        new SqlServerSettings { UserOptions = 5496, IsParameterizationForced = false, IsReadCommittedSnapshotOn = true }.Warnings().Should().BeEmpty("the ANSI options are harmless");

    [TestCase(512, false, true, "*'user options' (512) have NOCOUNT on*sp_configure 'user options', 0*")]
    [TestCase(514, false, true, "*NOCOUNT and IMPLICIT_TRANSACTIONS*")]
    [TestCase(8192, false, true, "*NUMERIC_ROUNDABORT*")]
    [TestCase(0, true, true, "*PARAMETERIZATION FORCED*SET PARAMETERIZATION SIMPLE*")]
    [TestCase(0, false, false, "*READ_COMMITTED_SNAPSHOT is off*00-check-database.sql*")]
    public void Warnings_AHarmfulSetting_NamesItAndTheCorrectValue(int userOptions, bool isForced, bool isSnapshotOn, string warning) =>
        new SqlServerSettings { UserOptions = userOptions, IsParameterizationForced = isForced, IsReadCommittedSnapshotOn = isSnapshotOn }
            .Warnings().Should().ContainSingle().Which.Should().Match(warning);

    [Test]
    public void Warnings_UserOptionsNotVisible_AreOfTheRest() =>
        new SqlServerSettings { UserOptions = null, IsParameterizationForced = true, IsReadCommittedSnapshotOn = false }.Warnings().Should().HaveCount(2);
}
