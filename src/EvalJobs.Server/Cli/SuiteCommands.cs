using System.CommandLine;
using EvalJobs.Data;
using EvalJobs.Data.Import;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using Spectre.Console;

namespace EvalJobs.Server.Cli;

/// <summary><c>suite import|list|show</c>.</summary>
internal static class SuiteCommands
{
    public static Command Build() => new("suite", "Import, list and show evaluation suites.") { Import(), List(), Show() };

    private static Argument<string> NameArgument() => new("suite") { Description = "The suite's name." };

    private static Command Import()
    {
        var slug = TenantCommands.SlugArgument();
        var name = NameArgument();
        var file = new Argument<FileInfo>("file") { Description = "Test cases: JSONL, CSV, JSON or YAML." };
        var format = new Option<string?>("--format") { Description = "jsonl, csv, json or yaml; default: by the file's extension." };
        var root = new Option<string?>("--root") { Description = "Path of the array of cases inside a JSON or YAML file." };
        var input = new Option<string?>("--input") { Description = "Field that holds the question, such as question or a.b[0]." };
        var expected = new Option<string?>("--expected") { Description = "Field that holds the right answer." };
        var key = new Option<string?>("--key") { Description = "Field that names the case." };
        var title = new Option<string?>("--title") { Description = "Field that holds the case's title." };
        var weight = new Option<string?>("--weight") { Description = "Field that holds the case's weight." };
        var scoringField = new Option<string?>("--scoring-field") { Description = "Field that holds the case's own scoring." };
        var scoring = new Option<string?>("--scoring") { Description = "Scoring of cases without their own: a name such as contains, or a JSON object." };
        var threshold = new Option<double?>("--threshold") { Description = "Pass rate from which a version passes, 0 to 1. Default 0.8, or the suite's present one." };
        var isDefault = new Option<bool?>("--default") { Description = "Evaluate versions with this suite when they enter TESTING.", Arity = ArgumentArity.ZeroOrOne };
        var description = new Option<string?>("--description") { Description = "What the suite is for." };
        var tags = new Option<string[]>("--tag") { Description = "A word for finding the suite. May be repeated." };
        var command = new Command("import", "Import a suite, or the next revision of one. A bad file is refused whole.")
        {
            slug, name, file, format, root, input, expected, key, title, weight, scoringField, scoring, threshold, isDefault, description, tags,
        };
        return command.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var suites = context.Get<EvaluationSuiteRepository>();
            var suiteName = parsed.GetRequiredValue(name);

            // What is not said again stays as it was in the revision before; a tenant's first suite is its default one.
            var known = await suites.ListAsync(tenant.Id, context.CancellationToken);
            var present = known.FirstOrDefault(suite => suite.Name == suiteName);
            var draft = new SuiteDraft
            {
                Name = suiteName,
                Description = parsed.GetValue(description) ?? present?.Description ?? "",
                PassThreshold = parsed.GetValue(threshold) ?? present?.PassThreshold ?? PassRule.DefaultThreshold,
                IsDefault = parsed.GetValue(isDefault) ?? present?.IsDefault ?? known.Count == 0,
                Tags = parsed.GetValue(tags) is { Length: > 0 } given ? given : PresentTags(present),
            };

            var mapping = new FieldMapping
            {
                Input = parsed.GetValue(input),
                Expected = parsed.GetValue(expected),
                Key = parsed.GetValue(key),
                Name = parsed.GetValue(title),
                Weight = parsed.GetValue(weight),
                Scoring = parsed.GetValue(scoringField),
            };
            var cases = TestCaseFileReader.ReadAsync(
                parsed.GetRequiredValue(file).FullName,
                new TestCaseFileOptions
                {
                    Format = parsed.GetValue(format) is { } word ? TestCaseFileReader.ParseFormat(word) : null,
                    Root = parsed.GetValue(root),
                    Mapping = mapping,
                    DefaultScoring = parsed.GetValue(scoring) is { } spec ? ScoringSpec.Parse(spec) : ScoringSpec.Default,
                    ValidateScoring = context.Get<ScorerRegistry>().Validate,
                },
                context.CancellationToken);
            var saved = await WithProgressAsync(context, cases, counted => suites.SaveAsync(tenant.Id, draft, counted, Actor.CommandLine(), context.CancellationToken));

            context.Answer(new { saved.Suite, saved.CaseCount }, () => CommandContext.Line(
                $"Imported {saved.CaseCount} cases as revision {saved.Suite.Revision} of suite '{saved.Suite.Name}' (pass threshold {saved.Suite.PassThreshold}{(saved.Suite.IsDefault ? ", default suite" : "")})."));
            return ExitCode.Ok;
        });
    }

    private static Command List()
    {
        var slug = TenantCommands.SlugArgument();
        return new Command("list", "List a tenant's suites.") { slug }.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var repository = context.Get<EvaluationSuiteRepository>();
            var suites = await repository.ListAsync(tenant.Id, context.CancellationToken);
            var rows = new List<(EvaluationSuite Suite, int Cases)>();
            foreach (var suite in suites)
                rows.Add((suite, await repository.CountCasesAsync(suite.Id, suite.Revision, context.CancellationToken)));
            context.Answer(rows.Select(row => new { row.Suite, caseCount = row.Cases }), () => CommandContext.Table(
                ["Suite", "Revision", "Cases", "Pass threshold", "Default"],
                rows.Select(row => new[] { row.Suite.Name, $"{row.Suite.Revision}", $"{row.Cases}", $"{row.Suite.PassThreshold}", row.Suite.IsDefault ? "yes" : "" })));
            return ExitCode.Ok;
        });
    }

    private static Command Show()
    {
        var slug = TenantCommands.SlugArgument();
        var name = NameArgument();
        var limit = new Option<int>("--limit") { Description = "At most so many cases.", DefaultValueFactory = _ => 20 };
        return new Command("show", "Show a suite with its first cases.") { slug, name, limit }.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var suites = context.Get<EvaluationSuiteRepository>();
            var suite = await suites.FindAsync(tenant.Id, parsed.GetRequiredValue(name), context.CancellationToken);
            var count = await suites.CountCasesAsync(suite.Id, suite.Revision, context.CancellationToken);
            var cases = await suites.ListCasesAsync(suite.Id, suite.Revision, 0, parsed.GetValue(limit), context.CancellationToken);
            context.Answer(new { suite, caseCount = count, cases }, () =>
            {
                CommandContext.Line($"{suite.Name}: revision {suite.Revision}, {count} cases, pass threshold {suite.PassThreshold}{(suite.IsDefault ? ", default suite" : "")}");
                if (suite.Description.Length > 0)
                    CommandContext.Line(suite.Description);
                CommandContext.Table(
                    ["#", "Case", "Input", "Expected", "Scoring"],
                    cases.Select(each => new[] { $"{each.Ordinal}", each.CaseKey, Short(each.Input), Short(each.ExpectedOutput), Short(each.Scoring) }));
            });
            return ExitCode.Ok;
        });
    }

    private static string[] PresentTags(EvaluationSuite? present) =>
        present is null ? [] : System.Text.Json.JsonSerializer.Deserialize<string[]>(present.Tags) ?? [];

    private static async Task<SavedSuite> WithProgressAsync(
        CommandContext context, IAsyncEnumerable<TestCase> cases, Func<IAsyncEnumerable<TestCase>, Task<SavedSuite>> save)
    {
        if (!context.IsWatched)
            return await save(cases);

        return await AnsiConsole.Status().StartAsync("Importing…", status =>
        {
            var count = 0;
            return save(cases.Select(each =>
            {
                if (++count % 500 == 0)
                    status.Status($"Importing… {count} cases");
                return each;
            }));
        });
    }

    private static string Short(string? text)
    {
        var line = (text ?? "").ReplaceLineEndings(" ").Trim();
        return line.Length <= 60 ? line : line[..59] + "…";
    }
}
