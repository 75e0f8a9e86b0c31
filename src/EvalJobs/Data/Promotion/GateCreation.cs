using System.Globalization;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Stores the requirements of a version, inside the caller's transaction.</summary>
internal static class GateCreation
{
    /// <summary>Begins the next round by the policy that applies now; without one, the suite named or the tenant's default is required with its own threshold.</summary>
    /// <param name="db">The unit of work; it holds the version.</param>
    /// <param name="version">The version.</param>
    /// <param name="suiteId">The suite named at the transition. If there is a policy, its run is for information only.</param>
    /// <param name="reason">For the audit trail.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <exception cref="ConflictException">There is no suite, or the policy names something that does not exist; the message names the field.</exception>
    public static async Task<GateRecord> WriteAsync(DbWork db, AgentVersion version, long? suiteId, string reason, string actor)
    {
        var stored = await db.QuerySingleOrDefaultAsync<StoredPolicy>(SqlQuery.FindPolicy, new { version.TenantId, version.AgentName });
        var policy = stored is null ? null : PromotionPolicy.Parse(stored.Document);
        var requirements = policy is null
            ? [await DefaultAsync(db, version, suiteId)]
            : await ResolveAsync(db, version.TenantId, version, policy);

        var creator = await db.QueryAsync<string>(SqlQuery.FindVersionCreator, new { VersionId = version.Id });
        var gate = await db.QuerySingleAsync<VersionGate>(SqlQuery.AddVersionGate, new
        {
            version.TenantId,
            VersionId = version.Id,
            PolicyId = stored?.Id,
            Alpha = policy?.Alpha ?? PromotionPolicy.DefaultAlpha,
            NeedsSecondPerson = policy?.NeedsSecondPerson ?? false,
            NeedsApprover = policy?.NeedsApprover ?? false,
            VersionCreatedBy = creator.Count > 0 ? creator[0] : null,
            Actor = actor,
        });
        foreach (var requirement in requirements)
            await AddAsync(db, version, gate, requirement);

        await db.RecordAsync(version.TenantId, ChangeType.VersionRequired, nameof(AgentVersion), version.Id, actor, new
        {
            gate.Round,
            reason,
            policyId = stored?.Id,
            policyRevision = stored?.Revision,
            requirements = requirements.Select(requirement => new
            {
                requirement.SuiteId,
                suite = requirement.SuiteName,
                requirement.SuiteRevision,
                rule = PolicyWord.Of(requirement.Rule),
                requirement.Limit,
                requirement.TagLimits,
                requirement.MustPass,
                requirement.BaselineVersionId,
            }),
        });
        return new GateRecord(gate, requirements);
    }

    /// <summary>Checks a policy against the tenant's suites, their tags and cases, and its versions.</summary>
    /// <param name="db">The unit of work.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="version">The version it is applied to; null when it is only being stored.</param>
    /// <param name="policy">The policy.</param>
    /// <exception cref="ConflictException">Something does not exist; the message names the field of the policy and what would be right.</exception>
    public static async Task<IReadOnlyList<Requirement>> ResolveAsync(DbWork db, long tenantId, AgentVersion? version, PromotionPolicy policy)
    {
        var requirements = new List<Requirement>();
        for (var i = 0; i < policy.Requirements.Count; i++)
            requirements.Add(await ResolveAsync(db, tenantId, version, policy.Requirements[i], i));
        return requirements;
    }

    private static async Task<Requirement> ResolveAsync(DbWork db, long tenantId, AgentVersion? version, PolicyRequirement required, int index)
    {
        var path = $"requirements[{index}]";
        var suite = await db.QuerySingleOrDefaultAsync<EvaluationSuite>(SqlQuery.FindSuite, new { TenantId = tenantId, Name = required.Suite });
        if (suite is not { Revision: > 0 })
            throw new ConflictException($"{path}.suite: the tenant has no suite '{required.Suite}'.") { Remedies = [new(RemedyKind.ListSuites)] };
        await ValidateCasesAsync(db, suite, required, path);

        var baseline = required.Rule == GateRule.NotWorse ? await FindBaselineAsync(db, tenantId, version, required, path) : null;
        var limit = required.Rule == GateRule.NotWorse ? required.Margin!.Value : required.Threshold ?? suite.PassThreshold;
        if (required.Rule == GateRule.Evidence && limit is not (> 0 and < 1))
            throw new ConflictException($"{path}.threshold: the suite '{suite.Name}' has the threshold {limit.ToString(CultureInfo.InvariantCulture)}, and evidence needs one above 0 and below 1: name one here.");
        return new Requirement
        {
            Ordinal = index + 1,
            SuiteId = suite.Id,
            SuiteName = suite.Name,
            SuiteRevision = suite.Revision,
            Rule = required.Rule,
            Limit = limit,
            TagLimits = required.TagLimits,
            MustPass = required.MustPass,
            BaselineVersionId = baseline?.Id,
            BaselineLabel = baseline?.VersionLabel,
        };
    }

    private static async Task ValidateCasesAsync(DbWork db, EvaluationSuite suite, PolicyRequirement required, string path)
    {
        if (required.TagLimits.Count == 0 && required.MustPass.Count == 0)
            return;

        var cases = (await db.QueryAsync<CaseFactsRow>(
            SqlQuery.ListCaseFacts, new { SuiteId = suite.Id, suite.Revision, All = required.MustPass.Count > 0 })).Select(row => row.ToFacts()).ToList();
        var tags = cases.SelectMany(one => one.Tags).ToHashSet(StringComparer.Ordinal);
        if (required.TagLimits.Keys.FirstOrDefault(tag => !tags.Contains(tag)) is { } unknown)
        {
            var known = tags.Count == 0 ? "no case of it has a tag" : $"its cases have {string.Join(", ", tags.Order(StringComparer.Ordinal).Take(20))}";
            throw new ConflictException($"{path}.tags.{unknown}: no case of the suite '{suite.Name}' revision {suite.Revision} has this tag; {known}.");
        }

        var keys = cases.Select(one => one.CaseKey).ToHashSet(StringComparer.Ordinal);
        if (required.MustPass.FirstOrDefault(key => !keys.Contains(key)) is { } missing)
            throw new ConflictException($"{path}.mustPass: the suite '{suite.Name}' revision {suite.Revision} has no case '{missing}'.");
    }

    private static async Task<AgentVersion?> FindBaselineAsync(DbWork db, long tenantId, AgentVersion? version, PolicyRequirement required, string path)
    {
        var word = required.Baseline ?? "parent";
        var baseline = word switch
        {
            ['#', .. var number] => await GetOfTenantAsync(db, tenantId, long.Parse(number, CultureInfo.InvariantCulture), path),
            _ when version is null => null,
            "parent" => version.ParentVersionId is { } parent
                ? await db.QuerySingleAsync<AgentVersion>(SqlQuery.GetVersion, new { VersionId = parent })
                : throw new ConflictException($"{path}.baseline: the version has no parent to compare with; create it with one, or name another baseline in the policy.") { Remedies = [new(RemedyKind.NameParent)] },
            "approved" => await db.QuerySingleOrDefaultAsync<AgentVersion>(
                    SqlQuery.FindApprovedVersion, new { version.TenantId, version.AgentName, VersionId = version.Id })
                ?? throw new ConflictException($"{path}.baseline: the agent '{version.AgentName}' has no APPROVED version to compare with; name another baseline in the policy."),
            _ => await db.QuerySingleOrDefaultAsync<AgentVersion>(
                    SqlQuery.FindVersion, new { TenantId = tenantId, version.AgentName, VersionLabel = word })
                ?? throw new ConflictException($"{path}.baseline: the agent '{version.AgentName}' has no version '{word}'; expected \"parent\", \"approved\", a label of the same agent or a number such as \"#12\"."),
        };
        return baseline is not null && baseline.Id == version?.Id
            ? throw new ConflictException($"{path}.baseline: version {version.Id} cannot be its own baseline; name another in the policy.")
            : baseline;
    }

    private static async Task<AgentVersion> GetOfTenantAsync(DbWork db, long tenantId, long versionId, string path) =>
        await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.GetVersion, new { VersionId = versionId }) is { } found && found.TenantId == tenantId
            ? found
            : throw new ConflictException($"{path}.baseline: the tenant has no version {versionId}.");

    private static async Task<Requirement> DefaultAsync(DbWork db, AgentVersion version, long? suiteId)
    {
        var suite = await RunCreation.ChooseSuiteAsync(db, version, suiteId);
        return new Requirement
        {
            Ordinal = 1,
            SuiteId = suite.Id,
            SuiteName = suite.Name,
            SuiteRevision = suite.Revision,
            Rule = GateRule.Rate,
            Limit = suite.PassThreshold,
        };
    }

    private static Task<int> AddAsync(DbWork db, AgentVersion version, VersionGate gate, Requirement requirement) =>
        db.ExecuteAsync(SqlQuery.AddRequirement, new
        {
            GateId = gate.Id,
            version.TenantId,
            VersionId = version.Id,
            requirement.Ordinal,
            requirement.SuiteId,
            requirement.SuiteRevision,
            Rule = StoredWord.Of(requirement.Rule),
            Bound = requirement.Limit,
            TagBounds = JsonSerializer.Serialize(requirement.TagLimits),
            MustPass = JsonSerializer.Serialize(requirement.MustPass),
            requirement.BaselineVersionId,
        });
}
