using System.Text.RegularExpressions;
using Dapper;
using EvalJobs.Data;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary>The command line as people and programs use it: its texts, its JSON, its exit codes.</summary>
public sealed class CommandLineTests
{
    private const string Genome = """{"target":{"type":"replay","file":"replies.jsonl","match":"q","reply":"said"}}""";

    private Cli _cli = null!;

    [SetUp]
    public void Create() => _cli = new Cli();

    [TearDown]
    public void Drop() => _cli.Dispose();

    [Test]
    public async Task Help_Always_ListsEveryCommand()
    {
        var answer = await _cli.RunProcessAsync("--help");

        answer.ExitCode.Should().Be(0);
        foreach (var command in (string[])["serve", "demo", "migrate", "process", "health", "cleanup", "tenant", "suite", "version", "run", "alerts"])
            answer.Output.Should().MatchRegex($@"(?m)^\s+{command}\b");
    }

    [Test]
    public async Task Commands_FromTenantToPromotion_SucceedAndReportIt()
    {
        await PrepareAsync();

        var processed = await _cli.RunProcessAsync("process");
        var health = await _cli.RunProcessAsync("health", "--json");
        var shown = await _cli.RunProcessAsync("run", "show", "1", "--json");
        var promoted = await _cli.RunProcessAsync("version", "transition", "acme", "bot", "1.0", "CANDIDATE");

        processed.Should().Match<CliAnswer>(answer => answer.ExitCode == 0 && answer.Error == "");
        processed.Output.Should().Contain("Processed 1 runs for tenant: Acme Corp").And.Contain("Complete: 1 total runs processed").And.NotContain("\u001b");
        health.ExitCode.Should().Be(0);
        health.Json.GetProperty("overall").GetString().Should().Be("HEALTHY");
        health.Json.GetProperty("tenants")[0].GetProperty("tenantName").GetString().Should().Be("Acme Corp");
        health.Json.GetProperty("tenants")[0].GetProperty("pendingCount").GetInt32().Should().Be(0);
        (await _cli.RunProcessAsync("run", "show", "1", "--limit", "1")).Output.Should().Contain("There are more: --after 1");
        (await _cli.RunAsync("run", "show", "1", "--after", "1", "--json")).Json.GetProperty("results")[0].GetProperty("ordinal").GetInt32().Should().Be(2);
        shown.Json.GetProperty("run").GetProperty("passRate").GetDouble().Should().Be(1);
        shown.Json.GetProperty("results").EnumerateArray().Select(row => row.GetProperty("verdict").GetString()).Should().Equal("PASSED", "PASSED");
        promoted.Output.Should().Contain("TESTING → CANDIDATE");
        (await _cli.RunProcessAsync("version", "transition", "acme", "bot", "1.0", "RETIRED")).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Error.Contains("allowed from CANDIDATE: APPROVED or DRAFT"));
    }

    [Test]
    public async Task MigrateScript_Always_PrintsTheTSqlAndUsesNoDatabase()
    {
        string[] unreachable = ["--set", "Storage:Provider=SqlServer", "--set", "Storage:ConnectionString=Server=127.0.0.1,1;Database=EvalJobs;Integrated Security=true"];

        var data = await _cli.RunAsync(["migrate", "--script", "data", .. unreachable]);
        var hangfire = await _cli.RunAsync(["migrate", "--script", "hangfire", "--set", "Hangfire:SchemaName=jobs", .. unreachable]);

        var sqlServerQueries = await _cli.RunAsync(["migrate", "--script", "queries", .. unreachable]);
        var sqliteQueries = await _cli.RunAsync("migrate", "--script", "queries");

        sqlServerQueries.Should().Be(new CliAnswer(0, SqlCatalog.Load(StorageProvider.SqlServer).Print(), ""));
        sqliteQueries.Should().Be(new CliAnswer(0, SqlCatalog.Load(StorageProvider.Sqlite).Print(), ""));
        data.Should().Be(new CliAnswer(0, AdminScript.Named("01-install-or-upgrade").Source.Text, ""));
        hangfire.Should().Match<CliAnswer>(answer => answer.ExitCode == 0 && answer.Error == "" && answer.Output.Contains("[jobs].[Job]"));
        hangfire.Output[..hangfire.Output.IndexOf("CREATE", StringComparison.Ordinal)].Should().Contain("SET QUOTED_IDENTIFIER, ", "it is off in sqlcmd, and Hangfire creates filtered indexes");
        (await _cli.RunAsync("migrate", "--script", "all")).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains("data, hangfire or queries"));
        Directory.EnumerateFileSystemEntries(_cli.Folder).Should().BeEmpty();
    }

    [TestCase("health")]
    [TestCase("process")]
    [TestCase("run", "list")]
    [TestCase("suite", "list", "acme")]
    public async Task Command_NoDatabase_IsRejectedAndCreatesNone(params string[] command)
    {
        var answer = await _cli.RunAsync([.. command, "--database", "typo/x.db"]);

        answer.Should().Match<CliAnswer>(each => each.ExitCode == 2 && each.Output == "");
        answer.Error.Should().Contain(Path.Combine("typo", "x.db")).And.Contain("'migrate'").And.Contain("--database");
        Directory.EnumerateFileSystemEntries(_cli.Folder).Should().BeEmpty();
    }

    [TestCase("health")]
    [TestCase("migrate")]
    public async Task Command_FileThatIsNotADatabase_IsNamed(string command)
    {
        var file = _cli.Write("notes.txt", new string('x', 5000));

        (await _cli.RunAsync(command, "--database", file)).Should().Match<CliAnswer>(each => each.ExitCode == 3 && each.Error.Contains(file) && !each.Error.Contains("   at "));
    }

    [Test]
    public async Task TenantSet_OneLimit_LeavesTheOthersUnchanged()
    {
        await _cli.RunAsync("tenant", "add", "acme", "--pool", "gpu", "--pending-warning", "7");

        var set = await _cli.RunAsync("tenant", "set", "acme", "--batch-limit", "3");
        var reset = await _cli.RunAsync("tenant", "set", "acme", "--pool", "evaluations", "--batch-limit", "default");

        set.Output.Should().Contain("batch limit 3, warning above 7, pool gpu");
        reset.Output.Should().Contain("batch limit default, warning above 7, pool evaluations");
        (await _cli.RunAsync("tenant", "set", "acme")).Should().Match<CliAnswer>(each => each.ExitCode == 2 && each.Error.Contains("--batch-limit"));
        (await _cli.RunAsync("tenant", "set", "acme", "--batch-limit", "few")).Should().Match<CliAnswer>(
            each => each.ExitCode == 2 && each.Error.Contains("'few'") && each.Error.Contains("'default'"));
    }

    [TestCase("Dispatch:BatchLimitt=3", "did you mean BatchLimit?")]
    [TestCase("Execution:Lease=2m", "EvalJobs:Execution:Lease: '2m'*hh:mm:ss")]
    [TestCase("Storage:Provider=Postgres", "Sqlite or SqlServer")]
    [TestCase("Dispatch:ContinueWhileBacklog=yes", "true or false")]
    [TestCase("Urls=http://127.0.0.1:5099", "outside EvalJobs")]
    public async Task Set_InvalidValue_NamesTheAllowedValues(string setting, string right) =>
        (await _cli.RunAsync("health", "--set", setting)).Should().BeEquivalentTo(new { ExitCode = 2, Output = "" })
            .And.Match<CliAnswer>(answer => Regex.IsMatch(answer.Error, Regex.Escape(right).Replace(@"\*", ".*", StringComparison.Ordinal), RegexOptions.None, TimeSpan.FromSeconds(1)) && !answer.Error.Contains("   at "));

    [Test]
    public async Task Demo_DatabaseGiven_IsRejectedBeforeItIsFilled()
    {
        (await _cli.RunProcessAsync("demo", "--exit", "--database", "mine.db")).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Error.Contains("its own database"));
        Directory.EnumerateFileSystemEntries(_cli.Folder).Should().BeEmpty();
    }

    [Test]
    public async Task Serve_InvalidUrls_AreRejected()
    {
        _cli.Environment["Urls"] = "garbage";

        (await _cli.RunProcessAsync("serve")).Should().Match<CliAnswer>(answer => answer.ExitCode == 2 && answer.Error.Contains("'garbage'") && !answer.Error.Contains("   at "));
    }

    [Test]
    public async Task RunRestore_NotInTheArchive_IsRejectedForEachRunWithItsReason()
    {
        await PrepareAsync();

        var answer = await _cli.RunAsync("run", "restore", "1", "99");

        answer.Should().Match<CliAnswer>(each => each.ExitCode == 2 && each.Output == "");
        answer.Error.Should().Contain("Run 1 is not in the archive").And.Contain("There is no run 99");
    }

    [Test]
    public async Task RunList_ArchivedRun_IsListed()
    {
        await PrepareAsync();
        await _cli.RunAsync("process");
        using (var database = new EvaluationDatabase(new StorageOptions { ConnectionString = $"Data Source={Path.Combine(_cli.Folder, "data", "evaljobs.db")}" }))
        {
            await using var connection = await database.OpenAsync(default);
            await connection.ExecuteAsync("UPDATE EvaluationRun SET CompletedAt = 0");
        }

        (await _cli.RunAsync("cleanup")).ExitCode.Should().Be(0);

        var run = (await _cli.RunAsync("run", "list", "--tenant", "acme", "--status", "COMPLETED", "--json")).Json[0];
        (run.GetProperty("id").GetInt64(), run.GetProperty("tenantSlug").GetString(), run.GetProperty("agentName").GetString()).Should().Be((1, "acme", "bot"));
        run.GetProperty("archivedAt").ValueKind.Should().Be(System.Text.Json.JsonValueKind.String);
        (await _cli.RunAsync("run", "list")).Output.Should().Contain("bot 1.0");
        (await _cli.RunAsync("version", "show", "acme", "bot", "1.0", "--json")).Json.GetProperty("runs")[0].GetProperty("id").GetInt64().Should().Be(1);
    }

    [Test]
    public async Task Cleanup_PurgeBeforeArchive_IsRejectedNamingBothSettings()
    {
        var answer = await _cli.RunAsync("cleanup", "--set", "Retention:PurgeDays=90");

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain("PurgeDays (90) must be more than Days (90)");
    }

    [TestCase("", TestName = "TenantDelete_NothingTyped_DeletesNothing")]
    [TestCase("acne\n", TestName = "TenantDelete_AnotherSlugTyped_DeletesNothing")]
    public async Task TenantDelete_NotConfirmed_DeletesNothing(string typed)
    {
        await PrepareAsync();

        var answer = await _cli.AnswerAsync(typed, "tenant", "delete", "acme");

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain("1 version, 1 suite, 2 cases, 1 run").And.Contain("nothing was deleted");
        (await _cli.RunAsync("tenant", "list", "--json")).Json[0].GetProperty("isPaused").GetBoolean().Should().BeFalse();
    }

    [Test]
    public async Task TenantDelete_SlugTypedAgain_DeletesItAndReportsTheCounts()
    {
        await PrepareAsync();

        var answer = await _cli.AnswerAsync("acme\n", "tenant", "delete", "acme");

        answer.Should().Match<CliAnswer>(each => each.ExitCode == 0 && each.Output.Contains("Deleted tenant acme (Acme Corp) with 1 version, 1 suite, 2 cases, 1 run"));
        (await _cli.RunAsync("tenant", "list", "--json")).Json.GetArrayLength().Should().Be(0);
        (await _cli.RunAsync("tenant", "delete", "acme", "--yes")).ExitCode.Should().Be(2, "the tenant is deleted");
    }

    [Test]
    public async Task SuiteImport_BadLine_IsRejectedWholeNamingTheLine()
    {
        await _cli.RunAsync("tenant", "add", "acme");
        var file = _cli.Write("bad.jsonl", """
            {"input":"one","expected":"1"}
            {"input":"two","expected":"2"}
            {"input":"three"
            """);

        var answer = await _cli.RunAsync("suite", "import", "acme", "broken", file);

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain("line 3");
        (await _cli.RunAsync("suite", "list", "acme", "--json")).Json.GetArrayLength().Should().Be(0, "a file with an error is rejected completely");
    }

    [Test]
    public async Task SuiteImport_BadScoring_IsRejectedNamingLineAndSetting()
    {
        await _cli.RunAsync("tenant", "add", "acme");
        var file = _cli.Write("cases.jsonl", """{"input":"one","expected":"1"}""");

        var answer = await _cli.RunAsync("suite", "import", "acme", "broken", file, "--scoring", """{"type":"similarity","treshold":1}""");

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain("treshold");
    }

    [Test]
    public async Task SuiteImport_UnknownScorerThatNoCaseUses_IsRejectedToo()
    {
        await _cli.RunAsync("tenant", "add", "acme");
        var file = _cli.Write("cases.jsonl", """{"input":"one","expected":"1","scoring":"contains"}""");

        var answer = await _cli.RunAsync("suite", "import", "acme", "s", file, "--scoring", "numreic");

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain("'numreic'").And.Contain("numeric");
    }

    [Test]
    public async Task GenomeFile_OfAnotherKind_IsRejectedNamingTheRightOnes()
    {
        await _cli.RunAsync("tenant", "add", "acme");

        var answer = await _cli.RunAsync("version", "create", "acme", "bot", "1.0", "--genome", _cli.Write("genome.txt", Genome));

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain("genome.txt: a genome is a .json, .yaml or .yml file.");
    }

    [Test]
    public async Task UnknownTenant_Always_IsRejectedWithAHint()
    {
        await _cli.RunAsync("tenant", "add", "acme");

        (await _cli.RunAsync("tenant", "pause", "nobody")).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Output == "" && answer.Error.Contains("no tenant 'nobody'"));
    }

    [TestCase("Dispatch:BatchLimit=0", "EvalJobs:Dispatch:BatchLimit")]
    [TestCase("Dispatch:BatchLimt=5", "BatchLimt")]
    [TestCase("Execution:CaseTimeout=soon", "EvalJobs:Execution:CaseTimeout")]
    [TestCase("Dispatch:Cron=often", "EvalJobs:Dispatch:Cron")]
    [TestCase("Dispach:Cron=* * * * *", "did you mean EvalJobs:Dispatch?")]
    [TestCase("BatchLimit=5", "did you mean EvalJobs:Dispatch:BatchLimit?")]
    [TestCase("Storage:ConnectionString=rubbish", "EvalJobs:Storage:ConnectionString")]
    [TestCase("Hangfire:Storage=SqlServer", "EvalJobs:Hangfire:ConnectionString")]
    public async Task Setting_OutOfRangeUnknownOrUnreadable_IsRejectedByItsName(string setting, string name)
    {
        var answer = await _cli.RunAsync("tenant", "list", "--set", setting);

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain(name);
    }

    [TestCase("frobnicate")]
    [TestCase("tenant")]
    [TestCase("tenant", "list", "--nope")]
    [TestCase("tenant", "list", "--limit", "many")]
    [TestCase("tenant", "list", "--limit", "0")]
    [TestCase("run", "show")]
    [TestCase("version", "create", "acme", "bot", "1.0")]
    [TestCase("suite", "import", "acme", "s", ".")]
    [TestCase("process", "--workers", "0")]
    [TestCase("demo", "--port", "99999")]
    [TestCase("tenant", "list", "--set", "nothing")]
    public async Task WrongInput_OfAnyKind_ExitsWithTwoAndWritesOnlyToStandardError(params string[] arguments)
    {
        var answer = await _cli.RunAsync(arguments);

        answer.ExitCode.Should().Be(2, "that is ExitCode.Rejected");
        answer.Output.Should().BeEmpty("programs read answers there");
        answer.Error.Should().StartWith("error: ").And.NotContain("   at ", "a stack trace is only for bugs of the product").And.NotContain("System.");
    }

    [Test]
    public async Task Database_ThatCannotBeOpened_ExitsWithThree()
    {
        (await _cli.RunProcessAsync("tenant", "list", "--database", _cli.Folder)).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 3 && answer.Output == "" && answer.Error.StartsWith("error: "));
    }

    [Test]
    public async Task VersionCreateTest_NoDefaultSuite_StoresNoVersion()
    {
        await _cli.RunAsync("tenant", "add", "acme");
        var genome = _cli.Write("genome.json", Genome);

        var answer = await _cli.RunAsync("version", "create", "acme", "bot", "1.0", "--genome", genome, "--test");

        answer.ExitCode.Should().Be(2);
        (await _cli.RunAsync("version", "list", "acme", "--json")).Json.GetArrayLength().Should().Be(0, "the command failed");
    }

    [Test]
    public async Task Lists_FullPage_NameTheOptionForTheNextPage()
    {
        await _cli.RunAsync("tenant", "add", "acme");
        await _cli.RunAsync("tenant", "add", "globex");

        var first = await _cli.RunAsync("tenant", "list", "--limit", "1");
        var second = await _cli.RunAsync("tenant", "list", "--limit", "2", "--after", "acme");

        first.Output.Should().Contain("acme").And.NotContain("globex").And.Contain("--after acme");
        second.Output.Should().Contain("globex").And.NotContain("acme").And.NotContain("--after");
    }

    [Test]
    public async Task Health_TooManyPending_ExitsWithOneAndTheReason()
    {
        await PrepareAsync();

        var answer = await _cli.RunAsync("health", "--set", "Health:PendingWarning=0");

        answer.ExitCode.Should().Be(1);
        answer.Output.Should().Contain("WARNING").And.Contain("1 run pending");
    }

    [Test]
    public async Task Health_DatabaseError_IsOneSentenceWithoutStackTrace()
    {
        await _cli.RunAsync("tenant", "add", "acme");
        using (var database = new EvaluationDatabase(new StorageOptions { ConnectionString = $"Data Source={Path.Combine(_cli.Folder, "data", "evaljobs.db")}" }))
        {
            await using var connection = await database.OpenAsync(default);
            await connection.ExecuteAsync("CREATE TRIGGER Broken BEFORE INSERT ON TenantHealth BEGIN SELECT RAISE(ABORT, 'broken health'); END");
        }

        var answer = await _cli.RunAsync("health");

        answer.ExitCode.Should().Be(3);
        answer.Error.Trim().Split('\n').Should().ContainSingle().Which.Should().StartWith("error: ").And.Contain("could not be stored").And.Contain("broken health");
    }

    [Test]
    public async Task TenantPauseAndResume_Always_SayWhetherAnythingChanged()
    {
        await PrepareAsync();

        (await _cli.RunAsync("tenant", "pause", "acme")).Output.Should().Contain("now paused");
        (await _cli.RunAsync("process")).Output.Should().Contain("Complete: 0 total");
        (await _cli.RunAsync("tenant", "pause", "acme")).Output.Should().Contain("paused already");
        (await _cli.RunAsync("tenant", "resume", "acme")).Output.Should().Contain("now active");
        (await _cli.RunAsync("process")).Output.Should().Contain("Complete: 1 total");
    }

    [TestCase(
        "CREATE TRIGGER Taken AFTER UPDATE OF Status ON EvaluationRun WHEN NEW.Status = 'COMPLETED' BEGIN UPDATE TenantBatch SET LeaseOwner = 'somebody else'; END",
        "Error for tenant: Acme Corp: batch 1 was left RUNNING: its lease was lost", TestName = "Process_BatchThatLosesItsLease_ExitsWithOneAndSaysSo")]
    [TestCase(
        "CREATE TRIGGER Taken AFTER INSERT ON TenantBatch BEGIN UPDATE TenantBatch SET Status = 'ABANDONED' WHERE Id = NEW.Id; END",
        "Error for tenant: Acme Corp: batch 1 was not started here; it is ABANDONED", TestName = "Process_BatchThatIsNotBegun_ExitsWithOneAndSaysSo")]
    [TestCase(
        "CREATE TRIGGER Taken BEFORE INSERT ON TenantBatch BEGIN SELECT RAISE(IGNORE); END",
        "1 of 1 tenants with due work got no batch", TestName = "Process_TenantThatGetsNoBatch_ExitsWithOneAndSaysSo")]
    [TestCase(
        "CREATE TRIGGER Taken BEFORE UPDATE OF Status ON EvaluationRun WHEN NEW.Status = 'RUNNING' BEGIN SELECT RAISE(IGNORE); END",
        "Due work was left of Acme Corp", TestName = "Process_RunsThatCannotBeClaimed_ExitsWithOneAndSaysSo")]
    public async Task Process_WorkNotDone_ExitsWithOneAndSaysSo(string trigger, string says)
    {
        await PrepareAsync();
        using (var database = new EvaluationDatabase(new StorageOptions { ConnectionString = $"Data Source={Path.Combine(_cli.Folder, "data", "evaljobs.db")}" }))
        {
            await using var connection = await database.OpenAsync(default);
            await connection.ExecuteAsync(trigger);
        }

        var answer = await _cli.RunAsync("process", "--all");

        answer.Output.Should().Contain(says);
        answer.ExitCode.Should().Be(1, answer.Output + answer.Error);
    }

    private async Task PrepareAsync()
    {
        _cli.Environment["EvalJobs__Agents__ReplayFolder"] = _cli.Folder;
        var replies = _cli.Write("replies.jsonl", """
            {"q":"one","right":"1","said":"1"}
            {"q":"two","right":"2","said":"2"}
            """);
        var genome = _cli.Write("genome.json", Genome);
        (await _cli.RunAsync("tenant", "add", "acme", "--name", "Acme Corp")).ExitCode.Should().Be(0);
        (await _cli.RunAsync("suite", "import", "acme", "numbers", replies, "--input", "q", "--expected", "right")).Error.Should().BeEmpty();
        (await _cli.RunAsync("version", "create", "acme", "bot", "1.0", "--genome", genome, "--test")).Error.Should().BeEmpty();
    }
}
