using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Import;
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
        var file = new Argument<FileInfo>("file") { Description = "Test cases: .jsonl, .csv, .json or .yaml. A JSON or YAML file may carry the suite's own settings beside its cases." };
        var root = new Option<string?>("--root") { Description = "Path of the array of cases inside a JSON or YAML file." };
        var input = new Option<string?>("--input") { Description = "Field that holds the question, such as question or a.b[0]." };
        var expected = new Option<string?>("--expected") { Description = "Field that holds the right answer." };
        var key = new Option<string?>("--key") { Description = "Field that names the case." };
        var title = new Option<string?>("--title") { Description = "Field that holds the case's title." };
        var weight = new Option<string?>("--weight") { Description = "Field that holds the case's weight." };
        var scoringField = new Option<string?>("--scoring-field") { Description = "Field that holds the case's own scoring." };
        var caseTags = new Option<string?>("--case-tags") { Description = "Field that holds the case's tags." };
        var mustPass = new Option<string?>("--must-pass") { Description = "Field that says whether the case has to pass." };
        var scoring = new Option<string?>("--scoring") { Description = "Scoring of cases without their own: a name such as contains, or a JSON object." };
        var threshold = new Option<double?>("--threshold") { CustomParser = ReadThreshold, Description = "Pass rate from which a version passes, 0 to 1. Default 0.8, or the suite's present one." };
        var isDefault = new Option<bool?>("--default") { Description = "Evaluate versions with this suite when they enter TESTING.", Arity = ArgumentArity.ZeroOrOne };
        var description = new Option<string?>("--description") { Description = "What the suite is for." };
        var tags = new Option<string[]>("--tag") { Description = "A word for finding the suite. May be repeated." };
        var command = new Command("import", "Import a suite, or the next revision of one. A bad file is refused whole.")
        {
            slug, name, file, root, input, expected, key, title, weight, scoringField, caseTags, mustPass, scoring, threshold, isDefault, description, tags,
        };
        return command.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var path = parsed.GetRequiredValue(file).FullName;
            var import = new SuiteImport
            {
                TenantId = tenant.Id,
                FileName = Path.GetFileName(path),
                Open = SuiteImport.FileOpener(path),
                Name = parsed.GetRequiredValue(name),
                Description = parsed.GetValue(description),
                PassThreshold = parsed.GetValue(threshold),
                IsDefault = parsed.GetValue(isDefault),
                Tags = parsed.GetValue(tags) is { Length: > 0 } given ? given : null,
                Root = parsed.GetValue(root),
                Mapping = Mapping(parsed.GetValue(input), parsed.GetValue(expected), parsed.GetValue(key), parsed.GetValue(title), parsed.GetValue(weight), parsed.GetValue(scoringField),
                    parsed.GetValue(caseTags), parsed.GetValue(mustPass)),
                DefaultScoring = parsed.GetValue(scoring) is { } spec ? DefaultScoring(context, spec) : null,
            };
            var saved = await WithProgressAsync(context, import, watched => context.Get<ImportSuite>().ExecuteAsync(watched, Actor.CommandLine(), context.CancellationToken));

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
            var sizes = await repository.CountCasesBySuiteAsync(tenant.Id, context.CancellationToken);
            var rows = suites.Select(suite => (Suite: suite, Cases: sizes.GetValueOrDefault(suite.Id))).ToList();
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
        var limit = Paging.LimitOption(" cases", 20);
        return new Command("show", "Show a suite with its first cases.") { slug, name, limit }.Runs(async (parsed, context) =>
        {
            var tenant = await context.Get<TenantRepository>().FindAsync(parsed.GetRequiredValue(slug), context.CancellationToken);
            var suites = context.Get<EvaluationSuiteRepository>();
            var suite = await suites.FindAsync(tenant.Id, parsed.GetRequiredValue(name), context.CancellationToken);
            var count = await suites.CountCasesAsync(suite.Id, suite.Revision, context.CancellationToken);
            var cases = await suites.ListCasesAsync(suite.Id, suite.Revision, 0, parsed.Limit(limit), context.CancellationToken);
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

    private static double? ReadThreshold(ArgumentResult result)
    {
        // The library would read 0,1 as 1: to it a comma separates thousands.
        var text = result.Tokens[0].Value;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var threshold))
            return threshold;
        result.AddError($"--threshold '{text}': expected a number from 0 to 1 with a decimal point, such as 0.8.");
        return null;
    }

    /// <summary>An unknown scorer is refused even where every case brings its own scoring.</summary>
    private static ScoringSpec DefaultScoring(CommandContext context, string text)
    {
        try
        {
            var spec = ScoringSpec.Parse(text);
            context.Get<ScorerRegistry>().Find(spec.Type);
            return spec;
        }
        catch (InvalidInputException error)
        {
            throw new InvalidInputException($"--scoring: {error.Message}", error);
        }
    }

    /// <summary>Without any field named, the usual names are looked for; with one, all that is not named is not there.</summary>
    private static FieldMapping? Mapping(string? input, string? expected, string? key, string? title, string? weight, string? scoring, string? tags, string? mustPass)
    {
        if ((input ?? expected ?? key ?? title ?? weight ?? scoring ?? tags ?? mustPass) is null)
            return null;

        return new FieldMapping
        {
            Input = input ?? throw new InvalidInputException("A field mapping needs --input, the field that holds the question."),
            Expected = expected,
            Key = key,
            Name = title,
            Weight = weight,
            Scoring = scoring,
            Tags = tags,
            MustPass = mustPass,
        };
    }

    private static async Task<SavedSuite> WithProgressAsync(CommandContext context, SuiteImport import, Func<SuiteImport, Task<SavedSuite>> save)
    {
        if (!context.IsWatched)
            return await save(import);

        return await AnsiConsole.Status().StartAsync("Importing…", status => save(import with
        {
            CaseRead = count =>
            {
                if (count % 500 == 0)
                    status.Status($"Importing… {count} cases");
            },
        }));
    }

    private static string Short(string? text)
    {
        var line = (text ?? "").ReplaceLineEndings(" ").Trim();
        return line.Length <= 60 ? line : line[..59] + "…";
    }
}
