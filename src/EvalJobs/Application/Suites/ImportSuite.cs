using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Import;

namespace EvalJobs.Application;

/// <summary>Imports a suite from a file, or the next revision of one. A bad file is rejected whole.</summary>
internal sealed class ImportSuite(EvaluationSuiteRepository suites, ScorerRegistry scorers)
{
    /// <param name="import">The file and what is said beside it.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <returns>The suite at its new revision and the number of its cases.</returns>
    /// <exception cref="InvalidInputException">The file or a setting is not acceptable; the message says where.</exception>
    /// <exception cref="ConflictException">Two cases have the same key, or someone else saved the suite.</exception>
    /// <exception cref="IOException">The file, or the temporary folder through which the cases go, cannot be used.</exception>
    public async Task<SavedSuite> ExecuteAsync(SuiteImport import, string actor, CancellationToken cancellationToken)
    {
        // An unknown scorer is an error even where every case brings its own scoring.
        if (import.DefaultScoring is not null)
            scorers.Find(import.DefaultScoring.Type);

        var file = await SuiteFile.FromStreamAsync(
            import.FileName,
            import.Open,
            new TestCaseReadOptions
            {
                Root = import.Root,
                Mapping = import.Mapping,
                DefaultScoring = import.DefaultScoring,
                ValidateScoring = scorers.Validate,
            },
            cancellationToken);

        var stored = await suites.ListAsync(import.TenantId, cancellationToken);
        var draft = Merge(import, file.Settings, stored);
        return await suites.SaveAsync(import.TenantId, draft, Counted(file.ReadCasesAsync(cancellationToken), import.CaseRead), actor, cancellationToken);
    }

    /// <summary>What is said beside the file wins over the file; what neither says stays as it is in the stored suite.</summary>
    private static SuiteDraft Merge(SuiteImport import, SuiteSettings file, IReadOnlyList<EvaluationSuite> stored)
    {
        var name = import.Name ?? file.Name ?? throw new InvalidInputException("The file names no suite: give the suite a name.");
        var present = stored.FirstOrDefault(suite => suite.Name == name);
        return new SuiteDraft
        {
            Name = name,
            BasedOn = import.BasedOn,
            Description = import.Description ?? file.Description ?? present?.Description ?? "",
            PassThreshold = import.PassThreshold ?? file.PassThreshold ?? present?.PassThreshold ?? PassRule.DefaultThreshold,
            IsDefault = import.IsDefault ?? present?.IsDefault ?? stored.Count == 0,
            Tags = import.Tags ?? file.Tags ?? (present is null ? [] : JsonSerializer.Deserialize<string[]>(present.Tags) ?? []),
        };
    }

    private static IAsyncEnumerable<TestCase> Counted(IAsyncEnumerable<TestCase> cases, Action<int>? caseRead)
    {
        if (caseRead is null)
            return cases;

        var count = 0;
        return cases.Select(each =>
        {
            caseRead(++count);
            return each;
        });
    }
}
