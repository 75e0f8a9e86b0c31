using System.CommandLine;
using System.CommandLine.Help;
using EvalJobs.Server.Cli;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server;

/// <summary>
/// Every option of every command with invalid values: rejected with exit code 2 and the option's name, in the product's own words. A new kind of option needs its invalid values
/// here. Also tests misspelt keys, folders and a read-only database.
/// </summary>
[NonParallelizable]
public sealed class OptionValueTests
{
    private const string Cases = "{\"key\":\"a\",\"input\":\"a\",\"expected\":\"a\"}\n";
    private const string Genome = """{"target":{"type":"http","url":"https://agent.example/ask","replyPath":"reply"}}""";

    private static readonly string[] NotNumbers = ["many", "1.5", "1,5", "", " ", "0x10", "99999999999999999999", "\u0661", "00:01"];

    /// <summary>Numbers that can be read but are out of range.</summary>
    private static readonly Dictionary<string, string[]> OutOfRange = new(StringComparer.Ordinal)
    {
        ["--limit"] = ["0", "-1", "10001", "2147483647"],
        ["--priority"] = ["2147483647", "-2147483648"],
        ["--days"] = ["0", "-1", "2147483647"],
        ["--parallel"] = ["0", "-1", "2147483647"],
        ["--prompt"] = ["-1"],
        ["--revision"] = ["0", "-1", "2147483647"],
        ["--workers"] = ["0", "-1", "1025"],
        ["--port"] = ["-1", "65536"],
        ["--of"] = ["-1"],
        ["--before"] = ["0", "-1", "-9223372036854775808"],
        ["--after"] = ["-1", "-2147483648"],
        ["--threshold"] = ["-0.1", "1.1", "2", "1e300"],
    };

    /// <summary>Texts of which only some are valid.</summary>
    private static readonly Dictionary<string, string[]> Words = new(StringComparer.Ordinal)
    {
        ["--status"] = ["NOPE", "", "1", "PENDING,RUNNING"],
        ["--verdict"] = ["NOPE", "", "0"],
        ["--role"] = ["NOPE", "", "1"],
        ["--format"] = ["nope", "", "1"],
        ["--script"] = ["nope", ""],
        ["--batch-limit"] = ["many", "1,5", "1.5", "0", "-1", "1001", "99999999999", ""],
        ["--pending-warning"] = ["many", "1,5", "-1", "99999999999", ""],
        ["--pool"] = ["two words", "", "Groß"],
        ["--scoring"] = ["nope", "{", "[]", "{\"type\":\"regex\",\"patern\":\"a\"}"],
        ["--separator"] = ["nope", "", "x", "\""],
        ["--judge"] = ["nope", "{", "[]", ""],
        ["--set"] = ["nonsense", "=1", "", "Dispatch:BatchLimit=0", "Dispatch:BatchLimit=1,5", "Dispatch:Nope=1", "Execution:Lease=5", "Storage:Provider=Oracle"],
        ["--command"] = ["nope", "", "=x"],
        ["--secret"] = ["", "NO_SUCH_VARIABLE_HERE"],
        ["--cron"] = ["nope", "", "61 * * * *", "0 2 * * * *", "* * * * *"],
        ["--time-zone"] = ["Mars/Olympus", "", "W. Europe Standard Time"],
    };

    /// <summary>Names of objects and free texts: the error names the object that was not found.</summary>
    private static readonly string[] FreeTexts =
    [
        "--name", "--after", "--suite", "--tenant", "--agent", "--baseline", "--parent", "--note", "--reason", "--actor", "--description", "--tag",
        "--root", "--input", "--expected", "--key", "--title", "--weight", "--scoring-field", "--case-tags", "--must-pass", "--database",
    ];

    /// <summary>Options that name a file to read.</summary>
    private static readonly string[] ReadFiles = ["--genome", "--baseline", "--criteria"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("evaljobs-options-");

    [OneTimeSetUp]
    public async Task SetUp()
    {
        await File.WriteAllTextAsync(At("cases.jsonl"), Cases);
        await File.WriteAllTextAsync(At("agent.json"), Genome);
        await File.WriteAllTextAsync(At("policy.json"), """{"requirements":[{"suite":"s"}]}""");
        string[][] commands =
        [
            ["tenant", "add", "acme"],
            ["suite", "import", "acme", "s", At("cases.jsonl"), "--default"],
            ["version", "create", "acme", "bot", "1", "--genome", At("agent.json"), "--test"],
            ["version", "create", "acme", "bot", "2", "--genome", At("agent.json")],
            ["schedule", "create", "acme", "bot", "--cron", "0 2 * * *"],
        ];
        foreach (var command in commands)
            (await RunAsync([.. command, "--database", At("options.db")])).ExitCode.Should().Be(0);
    }

    [OneTimeTearDown]
    public void TearDown()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [Test]
    public void Options_All_HaveInvalidValuesHere()
    {
        var untested = Options().Where(each => Kind(each.Option) switch
        {
            { } type when type == typeof(string) => !Words.ContainsKey(each.Option.Name) && !FreeTexts.Contains(each.Option.Name),
            { } type when type == typeof(int) || type == typeof(long) || type == typeof(double) => !OutOfRange.ContainsKey(each.Option.Name),
            { } type => type != typeof(bool) && !type.IsEnum && type != typeof(FileInfo),
        });

        untested.Select(each => $"{each.Path} {each.Option.Name}").Should().BeEmpty("each option needs an invalid value here");
    }

    [TestCaseSource(nameof(Wrong))]
    public async Task Option_InvalidValue_IsRejectedByItsName(string path, string option, string value)
    {
        var before = Arguments(path, option);

        var answer = await RunAsync([.. before, .. value.Length == 0 ? (string[])[option, value] : [$"{option}={value}"], "--database", At("options.db")]);

        answer.ExitCode.Should().Be(2, answer.ToString());
        answer.Error.Should().MatchRegex($"(?i){string.Join('|', Names(option).Concat(value.StartsWith('/') ? [value] : []))}", "the error names the option or the file");
        answer.Error.Should().NotContainAny("   at ", "System.", "Int32", "Int64", "Boolean", "`", "Nullable", "Cannot parse argument", "Exception", "Index was", "Parameter '");
    }

    [TestCase("--format", "--format: a value is missing after '='.")]
    [TestCase("--default", "--default: a value is missing after '='.")]
    [TestCase("--database", "--database: a value is missing after '='.")]
    public async Task Option_NothingAfterTheEqualsSign_IsMissingAndUsesNoOtherArgument(string option, string message)
    {
        var answer = await RunAsync(["suite", "import", "acme", "t", At("cases.jsonl"), $"{option}=", "--threshold", "0.8"]);

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain(message);
    }

    [TestCase(0, "tenant", "list")]
    [TestCase(0, "run", "list")]
    [TestCase(0, "run", "show", "1")]
    [TestCase(0, "suite", "list", "acme")]
    [TestCase(0, "suite", "show", "acme", "s")]
    [TestCase(0, "suite", "export", "acme", "s")]
    [TestCase(0, "version", "list", "acme")]
    [TestCase(0, "version", "standing", "acme", "bot", "1")]
    [TestCase(0, "policy", "history", "acme")]
    [TestCase(0, "alerts", "list")]
    [TestCase(0, "key", "list")]
    [TestCase(0, "export", "runs")]
    [TestCase(0, "export", "results", "1")]
    [TestCase(0, "export", "audit")]
    [TestCase(3, "tenant", "add", "other")]
    [TestCase(3, "tenant", "pause", "acme")]
    [TestCase(3, "run", "cancel", "1")]
    public async Task Command_ReadOnlyDatabase_ReadsAndSaysWhatCannotBeWritten(int exitCode, params string[] command)
    {
        var answer = await RunAsync([.. command, "--set", $"Storage:ConnectionString=Data Source={At("options.db")};Mode=ReadOnly"]);

        answer.ExitCode.Should().Be(exitCode, answer.ToString());
        if (exitCode == 0)
            answer.Error.Should().BeEmpty();
        else
            answer.Error.Should().Contain("options.db cannot be written").And.Contain("Commands that only read work.").And.NotContain("   at ");
    }

    [TestCase("/")]
    [TestCase("/tmp")]
    public async Task Import_OfAFolder_IsRejectedAsAFolder(string folder)
    {
        (await RunAsync(["suite", "import", "acme", "t", folder, "--database", At("options.db")])).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Error.Contains($"'{folder}' is a folder; expected a file of test cases."));
        (await RunAsync(["version", "create", "acme", "bot", "2", "--genome", folder, "--database", At("options.db")])).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Error.Contains($"'{folder}' is a folder; expected a genome file."));
    }

    [TestCase("""{"tarhet":{"type":"http"}}""", "Unknown genome section 'tarhet'")]
    [TestCase("""{"target":{"type":"http","url":"https://a.example","replypath":"a"}}""", "Unknown target.replypath; expected")]
    [TestCase("""{"target":{"type":"openai-chat","apiKeyRef":"k"},"modelConfig":{"model":"m","temprature":1}}""", "Unknown modelConfig.temprature; expected")]
    [TestCase("""{"target":{"type":"openai-chat","apiKeyRef":"k"},"modelConfig":{"model":"m"},"prompt":{"sytem":"x"}}""", "Unknown prompt.sytem; expected")]
    [TestCase("""{"target":{"type":"openai-chat","apiKeyRef":"k"},"modelConfig":{"model":"m"},"toolManifest":[{"type":"function","function":{"name":"a","parmeters":{}}}]}""", "Unknown toolManifest[0].function.parmeters; expected")]
    public async Task Genome_MisspeltKey_IsNamed(string genome, string message)
    {
        (await RunAsync(["version", "create", "acme", "bot", "2", "--genome", Write("wrong.json", genome), "--database", At("options.db")])).Should().Match<CliAnswer>(
            answer => answer.ExitCode == 2 && answer.Error.Contains(message));
    }

    [TestCase("""{"type":"contains","phrase":"a"}""", "phrase")]
    [TestCase("""{"type":"numeric","tolerence":1}""", "tolerence")]
    [TestCase("""{"type":"regex","patern":"a"}""", "patern")]
    [TestCase("""{"type":"json","shema":{}}""", "shema")]
    [TestCase("""{"type":"similarity","treshold":1}""", "treshold")]
    [TestCase("""{"type":"exact_match","normalise":[]}""", "normalise")]
    [TestCase("""{"type":"custom","script":"return 1","timout":1}""", "timout")]
    [TestCase("""{"type":"llm_judge","rubric":"r","model":"m","endpoint":"https://a.example/v1","temprature":1}""", "temprature")]
    public async Task Scoring_MisspeltKey_IsNamed(string scoring, string key)
    {
        var answer = await RunAsync(["suite", "import", "acme", "t", At("cases.jsonl"), "--scoring", scoring, "--database", At("options.db")]);

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain(key);
    }

    [TestCase("""{"requirments":[]}""", "requirments")]
    [TestCase("""{"requirements":[{"siute":"s"}]}""", "siute")]
    [TestCase("""{"requirements":[{"suite":"s","rule":"rate","treshold":0.8}]}""", "treshold")]
    public async Task Policy_MisspeltKey_IsNamed(string policy, string key)
    {
        var answer = await RunAsync(["policy", "set", "acme", Write("wrong.json", policy), "--database", At("options.db")]);

        answer.ExitCode.Should().Be(2);
        answer.Error.Should().Contain(key);
    }

    private static IEnumerable<TestCaseData> Wrong() =>
        from each in Options()
        from value in Values(each.Path, each.Option)
        select new TestCaseData(each.Path, each.Option.Name, value);

    private static IEnumerable<string> Values(string path, Option option)
    {
        var type = Kind(option);
        if (option.Name == "--set" && path != "tenant list" || option.Name == "--json" && path != "tenant list")
            return [];
        if (type == typeof(string))
            return Words.GetValueOrDefault(option.Name, []).Where(value => path != "user hash" || value.Length > 0);
        if (type == typeof(bool))
            return ["maybe", "1", "yes"];
        if (type.IsEnum)
            return ["NOPE", "7", ""];
        if (type == typeof(FileInfo))
            return ReadFiles.Contains(option.Name) ? ["", "/", "/no/such/file.json"] : [""];
        if (type == typeof(double))
            return ["many", "0,8", "", "NaN", "1e999", "1/2", .. OutOfRange[option.Name]];
        return [.. NotNumbers, .. OutOfRange.GetValueOrDefault(option.Name, [])];
    }

    private static IEnumerable<(string Path, Option Option)> Options() =>
        from command in Commands(CommandLine.Build(), "")
        from option in command.Command.Options
        where option is not (HelpOption or VersionOption)
        select (command.Path.Length == 0 ? "tenant list" : command.Path, option);

    private static IEnumerable<(string Path, Command Command)> Commands(Command command, string path) =>
        command.Subcommands.SelectMany(sub => Commands(sub, $"{path} {sub.Name}".Trim())).Prepend((path, command));

    private static Type Kind(Option option) => option.ValueType.GetElementType() ?? Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;

    private static string[] Names(string option) =>
        option == "--set" ? ["--set", "EvalJobs:"] : [option, .. option.TrimStart('-').Split('-')[^1..]];

    /// <returns>The command with the other arguments it needs.</returns>
    private string[] Arguments(string path, string option)
    {
        string[] genome = option == "--genome" ? [] : ["--genome", At("agent.json")];
        string[] rest = path switch
        {
            "eval" => [At("cases.jsonl"), .. genome],
            "gate" => ["acme", "bot", "1"],
            "tenant add" => ["other"],
            "tenant set" or "tenant delete" or "tenant pause" or "tenant resume" or "suite list" or "version list" or "policy show" or "policy history" => ["acme"],
            "suite import" => ["acme", "t", At("cases.jsonl"), .. option == "--prompt" ? (string[])["--format", "promptfoo"] : []],
            "suite show" or "suite export" => ["acme", "s"],
            "version create" => ["acme", "bot", "3", .. genome],
            "version transition" => ["acme", "bot", "2", "TESTING"],
            "version show" or "version require" or "version standing" or "version certificate" or "run create" => ["acme", "bot", "1"],
            "run void" => ["1", "--reason", "wrong key"],
            "run show" or "run cancel" or "run retry" or "run acknowledge" or "run restore" or "export results" or "key revoke" => ["1"],
            "export comparison" => ["1", "1"],
            "policy set" => ["acme", At("policy.json")],
            "user hash" => ["bob"],
            "key create" => ["ci", "--tenant", "acme"],
            "schedule create" => ["acme", "bot", .. option == "--cron" ? (string[])[] : ["--cron", "0 2 * * *"]],
            "schedule change" => ["1"],
            _ => [],
        };
        return [.. path.Split(' '), .. rest];
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>In this process: each of several hundred processes would take a second.</summary>
    private static async Task<CliAnswer> RunAsync(string[] arguments)
    {
        var (output, error) = (Console.Out, Console.Error);
        var (answered, errors) = (new StringWriter(), new StringWriter());
        Console.SetOut(answered);
        Console.SetError(errors);
        try
        {
            return new CliAnswer(await CommandLine.RunAsync(arguments).WaitAsync(TimeSpan.FromMinutes(1)), answered.ToString(), errors.ToString());
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(error);
        }
    }
}
