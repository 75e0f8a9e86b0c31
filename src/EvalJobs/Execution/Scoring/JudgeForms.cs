using System.Collections.Concurrent;
using EvalJobs.Execution.Agents.Chat;

namespace EvalJobs.Execution.Scoring;

/// <summary>Stores for the process the form in which the judges at each endpoint and model answer. Safe for concurrent use.</summary>
internal sealed class JudgeForms
{
    /// <summary>When full it is cleared: the form of each judge in use is known again after one case.</summary>
    private const int Capacity = 1000;

    private readonly ConcurrentDictionary<(Uri Url, string? Model, JudgeForm Wanted), JudgeForm> _known = new();

    /// <returns>The form that the judge is known to answer; otherwise the wanted one.</returns>
    public JudgeForm For(ChatEndpoint endpoint, JudgeForm wanted) => _known.GetValueOrDefault((endpoint.RequestUrl, endpoint.Model, wanted), wanted);

    /// <summary>Records that the judge answered this form and not the wanted one.</summary>
    public void Remember(ChatEndpoint endpoint, JudgeForm wanted, JudgeForm answered)
    {
        if (_known.Count >= Capacity)
            _known.Clear();
        _known[(endpoint.RequestUrl, endpoint.Model, wanted)] = answered;
    }
}
