using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Scoring;
using EvalJobs.Import;

namespace EvalJobs.Application;

/// <summary>Imports a suite from a file, or the next revision of one. A file with an error is rejected as a whole.</summary>
internal sealed class ImportSuite(EvaluationSuiteRepository suites, ScorerRegistry scorers, TimeProvider time)
{
    /// <param name="import">The file and the settings given with it.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stores nothing when cancelled.</param>
    /// <returns>The suite at its new revision and the number of its cases.</returns>
    /// <exception cref="InvalidInputException">The file or a setting is not acceptable; the message says where.</exception>
    /// <exception cref="ConflictException">Two cases have the same key, or someone else saved the suite.</exception>
    /// <exception cref="IOException">The file, or the temporary folder through which the cases go, cannot be used.</exception>
    public async Task<SavedSuite> ExecuteAsync(SuiteImport import, string actor, CancellationToken cancellationToken)
    {
        var (file, draft, _) = await OpenAsync(import, cancellationToken);
        return await SaveAsync(import, file, draft, actor, cancellationToken);
    }

    /// <summary>Imports a file, unless the suite's current revision has the same cases and settings.</summary>
    /// <returns>The suite at its new or current revision and the number of its cases.</returns>
    /// <inheritdoc cref="ExecuteAsync"/>
    internal async Task<SavedSuite> ImportIfChangedAsync(SuiteImport import, string actor, CancellationToken cancellationToken)
    {
        var (file, draft, present) = await OpenAsync(import, cancellationToken);
        return present is not null && HasSameSettings(present, draft) && await CountIfSameAsync(present, file, cancellationToken) is { } count
            ? new SavedSuite(present, count)
            : await SaveAsync(import, file, draft, actor, cancellationToken);
    }

    /// <summary>Reads and checks a file as an import would, and stores nothing.</summary>
    /// <param name="import">The file and the settings given with it.</param>
    /// <param name="limit">Cases shown at most; all are counted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <inheritdoc cref="ExecuteAsync" path="/exception"/>
    internal async Task<SuitePreview> PreviewAsync(SuiteImport import, int limit, CancellationToken cancellationToken)
    {
        var (file, draft, present) = await OpenAsync(import, cancellationToken);
        draft.Validate();
        draft.ValidateTags(present is null ? [] : CaseTags.FromJson(present.Tags));
        var first = new List<TestCase>();
        var count = 0;
        await foreach (var each in Counted(file.ReadCasesAsync(cancellationToken), import.CaseRead).WithCancellation(cancellationToken))
        {
            if (count++ < limit)
                first.Add(each);
        }

        return new SuitePreview(draft, (present?.Revision ?? 0) + 1, count, first);
    }

    /// <summary>Reads the beginning of a file as an import would, continues after errors where that is possible, and stores nothing.</summary>
    /// <param name="import">The file and the settings given with it. Its name is not needed.</param>
    /// <param name="limits">How far to preview.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The first cases and every error found so far. Errors of the file are returned, not thrown.</returns>
    internal async Task<FilePreview> PreviewFileAsync(SuiteImport import, PreviewLimits limits, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var findings = new ImportFindings();
        var preview = new FilePreview(findings, import.Conversion.Report);
        var characters = 0L;
        try
        {
            var file = await OpenFileAsync(import, Validate, findings, cancellationToken);
            preview = preview with { Settings = file.Settings };
            await foreach (var each in file.ReadCasesAsync(cancellationToken))
            {
                characters += each.Input.Length + (each.ExpectedOutput?.Length ?? 0) + each.Scoring.Length;
                preview = preview with { CaseCount = preview.CaseCount + 1, Cases = preview.CaseCount < limits.ReturnedCases ? [.. preview.Cases, each] : preview.Cases };
                if (preview.CaseCount >= limits.Cases || characters >= limits.Characters)
                {
                    preview = preview with { IsWhole = false };
                    break;
                }
            }

            if (!preview.IsWhole && import.Conversion.Report.Format != SuiteFormat.EvalJobs)
                ConvertedRecords.EnsureNothingLost(import.Conversion, preview.CaseCount > 0, new FilePlace(import.FileName));
        }
        catch (InvalidInputException error)
        {
            preview = preview with { End = error };
        }
        catch (PreviewEndedException)
        {
            preview = preview with { IsWhole = false };
        }

        return preview;

        // The only step that may take a long time.
        void Validate(ScoringSpec spec, string? expected)
        {
            if (time.GetElapsedTime(start) >= limits.Time)
                throw new PreviewEndedException();
            scorers.Validate(spec, expected);
        }
    }

    private async Task<(SuiteFile File, SuiteDraft Draft, EvaluationSuite? Present)> OpenAsync(SuiteImport import, CancellationToken cancellationToken)
    {
        var file = await OpenFileAsync(import, scorers.Validate, null, cancellationToken);
        var stored = await suites.ListAsync(import.TenantId, cancellationToken);
        var draft = Merge(import, file.Settings, stored);
        return (file, draft, stored.FirstOrDefault(suite => suite.Name == draft.Name));
    }

    private Task<SuiteFile> OpenFileAsync(SuiteImport import, Action<ScoringSpec, string?> validate, ImportFindings? findings, CancellationToken cancellationToken)
    {
        // An unknown scorer is an error even if every case has its own scoring.
        if (import.DefaultScoring is not null)
            scorers.Find(import.DefaultScoring.Type);

        return SuiteFile.FromStreamAsync(
            import.FileName,
            import.Open,
            new TestCaseReadOptions
            {
                Root = import.Root,
                Mapping = import.Mapping,
                DefaultScoring = import.DefaultScoring,
                ValidateScoring = validate,
                Conversion = import.Conversion,
                Csv = import.Csv,
                Findings = findings,
            },
            cancellationToken);
    }

    private Task<SavedSuite> SaveAsync(SuiteImport import, SuiteFile file, SuiteDraft draft, string actor, CancellationToken cancellationToken) =>
        suites.SaveAsync(import.TenantId, draft, Counted(file.ReadCasesAsync(cancellationToken), import.CaseRead), actor, cancellationToken);

    private static bool HasSameSettings(EvaluationSuite present, SuiteDraft draft) =>
        present.Description == draft.Description && present.PassThreshold.Equals(draft.PassThreshold) && present.IsDefault == draft.IsDefault
        && (JsonSerializer.Deserialize<string[]>(present.Tags) ?? []).SequenceEqual(draft.Tags, StringComparer.Ordinal);

    /// <returns>The number of cases if the file and the current revision have the same cases in the same order; null if they differ.</returns>
    private async Task<int?> CountIfSameAsync(EvaluationSuite present, SuiteFile file, CancellationToken cancellationToken)
    {
        const int pageSize = 100;
        var count = 0;
        await foreach (var page in file.ReadCasesAsync(cancellationToken).Chunk(pageSize).WithCancellation(cancellationToken))
        {
            var stored = await suites.ListCasesAsync(present.Id, present.Revision, count, pageSize, cancellationToken);
            if (!page.SequenceEqual(stored.Select(each => each with { Id = 0 })))
                return null;
            count += page.Length;
        }

        return await suites.CountCasesAsync(present.Id, present.Revision, cancellationToken) == count ? count : null;
    }

    /// <summary>Settings given with the file override the file's own. A setting that neither gives stays as in the stored suite.</summary>
    private static SuiteDraft Merge(SuiteImport import, SuiteSettings file, IReadOnlyList<EvaluationSuite> stored)
    {
        var name = import.Name ?? file.Name ?? throw new InvalidInputException("The file does not name the suite. Give the suite a name.") { Field = "name" };
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

/// <summary>What an import would store.</summary>
/// <param name="Draft">The suite's new settings.</param>
/// <param name="Revision">The revision it would get.</param>
/// <param name="CaseCount">The number of its cases.</param>
/// <param name="Cases">The first of them.</param>
internal sealed record SuitePreview(SuiteDraft Draft, int Revision, int CaseCount, IReadOnlyList<TestCase> Cases);
