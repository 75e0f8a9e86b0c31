namespace EvalJobs.Tests.Crash;

/// <summary>
/// Checks every question that was asked and requires a reason for every request whose answer is not in the database: the attempt that
/// asked had lost its run, by a kill or while its server was alive, before it had stored the answer.
/// </summary>
/// <remarks>
/// The check is exact, because a stored answer contains the number of its request. What one attempt stored was committed before the next
/// could begin, which the fence ensures: a later attempt that asks such a case again is an error. An earlier attempt may ask it until its server notices that it lost the run.
/// </remarks>
public sealed class RepeatAccount
{
    /// <summary>
    /// The database's clock, which gives the time of a rescue, and the agent's clock may differ by this much. On a busy machine a
    /// question may also arrive this much later than the last log line of the server that asked it.
    /// </summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(0.5);

    private readonly Dictionary<RunAttempt, int> _unstored = [];

    /// <summary>Questions asked at least once.</summary>
    public int Cases { get; private set; }

    /// <summary>Times a question was asked again.</summary>
    public int Total { get; private set; }

    /// <summary>Requests whose answers were not stored when their server was killed.</summary>
    public int LostInKills { get; private set; }

    public int MostLostInOneKill { get; private set; }

    /// <summary>Requests of a process that then lost its run while it was alive, before it had stored the answers.</summary>
    public int TakenFromLateProcesses { get; private set; }

    /// <summary>Requests of a process that had not yet noticed that it had lost its run.</summary>
    public int AskedByLateProcesses { get; private set; }

    /// <summary>Runs that were rescued from a process that was alive at that moment.</summary>
    public int LateProcessRuns { get; private set; }

    /// <summary>Sentences about requests without an allowed reason.</summary>
    public List<string> Unexplained { get; } = [];

    /// <summary>Sentences about attempts and kills that lost more answers than they can have had unstored.</summary>
    public List<string> Excessive { get; } = [];

    public static async Task<RepeatAccount> OfAsync(ServerFarm farm)
    {
        await farm.RememberStoredAsync();
        return Of(farm.AsksOf(ServerFarm.HealthyTenants), farm.SeenStored, await RunAttempt.ListAsync(farm));
    }

    /// <param name="cases">Each question with its requests in order.</param>
    /// <param name="stored">The ids of all requests whose answers were ever seen in the database.</param>
    /// <param name="attempts">Every attempt at the runs in question.</param>
    public static RepeatAccount Of(
        IEnumerable<IGrouping<(long RunId, string Input), Ask>> cases, IReadOnlySet<int> stored, IReadOnlyCollection<RunAttempt> attempts)
    {
        var account = new RepeatAccount { LateProcessRuns = attempts.Count(attempt => attempt.LostItsLease) };
        var attemptsOf = attempts.OrderBy(attempt => attempt.Number).ToLookup(attempt => attempt.RunId);
        foreach (var asks in cases)
            account.Take(asks, stored, [.. attemptsOf[asks.Key.RunId]]);
        account.Limit(attempts);
        return account;
    }

    private void Take(IGrouping<(long RunId, string Input), Ask> asks, IReadOnlySet<int> stored, List<RunAttempt> attempts)
    {
        Cases++;
        Total += asks.Count() - 1;
        var earlier = new List<Asking>();
        foreach (var ask in asks)
        {
            var isStored = stored.Contains(ask.Id);
            var attempt = PossibleAttempts(ask, isStored, attempts).FirstOrDefault(each => earlier.TrueForAll(asking => asking.Excuses(each)));
            if (attempt is null)
            {
                var before = earlier.ConvertAll(asking => $"{asking.Attempt.Life} in attempt {asking.Attempt.Number}{(asking.IsStored ? ", stored" : "")}");
                Unexplained.Add($"run {asks.Key.RunId}, '{asks.Key.Input}': asked by {ask.Life} at {ask.At:HH:mm:ss.fff}, before by [{string.Join("; ", before)}]");
                continue;
            }

            earlier.Add(new Asking(attempt, isStored));
            if (!isStored)
                Note(attempt, ask);
        }
    }

    /// <summary>
    /// The attempts of the server that can have asked at that time. More than one only while a process has claimed the run again and
    /// has not noticed that it had lost it.
    /// </summary>
    private static IEnumerable<RunAttempt> PossibleAttempts(Ask ask, bool isStored, List<RunAttempt> attempts)
    {
        var from = DateTimeOffset.MinValue;
        foreach (var attempt in attempts)
        {
            var until = (isStored ? attempt.TakenAt : attempt.StoppedAt) + Skew ?? DateTimeOffset.MaxValue;
            if (attempt.Life == ask.Life && from <= ask.At && ask.At <= until)
                yield return attempt;
            from = attempt.TakenAt - Skew ?? DateTimeOffset.MaxValue;
        }
    }

    private void Note(RunAttempt attempt, Ask ask)
    {
        _unstored[attempt] = _unstored.GetValueOrDefault(attempt) + 1;
        if (attempt.WasKilled)
            LostInKills++;
        else if (ask.At <= attempt.TakenAt)
            TakenFromLateProcesses++;
        else if (attempt.LostItsLease)
            AskedByLateProcesses++;
    }

    private void Limit(IReadOnlyCollection<RunAttempt> attempts)
    {
        foreach (var (attempt, count) in _unstored.Where(each => each.Value > ServerFarm.UnstoredPerRun))
            Excessive.Add($"run {attempt.RunId}, attempt {attempt.Number} by {attempt.Life}: {count} answers were not stored, at most {ServerFarm.UnstoredPerRun} can be waiting");

        foreach (var kill in attempts.Where(attempt => attempt.WasKilled).GroupBy(attempt => attempt.Life, StringComparer.Ordinal))
        {
            MostLostInOneKill = Math.Max(MostLostInOneKill, kill.Sum(_unstored.GetValueOrDefault));
            if (kill.Count() > ServerFarm.Workers)
                Excessive.Add($"{kill.Key}: {kill.Count()} runs were lost with it, its {ServerFarm.Workers} workers have one each");
        }
    }

    /// <summary>A request that has an allowed reason.</summary>
    private sealed record Asking(RunAttempt Attempt, bool IsStored)
    {
        /// <summary>
        /// Whether that attempt may ask the case as well. After a stored answer, only an earlier attempt that has not noticed its loss may.
        /// Otherwise any other may, because this one lost its run.
        /// </summary>
        public bool Excuses(RunAttempt another) => IsStored ? another.Number < Attempt.Number : another != Attempt && Attempt.TakenAt is not null;
    }
}
