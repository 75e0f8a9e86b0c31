using System.Collections.Concurrent;
using EvalJobs.Execution.Agents.Chat;

namespace EvalJobs.Execution.Scoring;

/// <summary>Remembers for the process in which form the judges at each endpoint and model answer. Safe for concurrent use.</summary>
internal sealed class JudgeForms
{
    /// <summary>When full it forgets everything: each judge in use is known again after one case.</summary>
    private const int Capacity = 1000;

    private readonly ConcurrentDictionary<(Uri Url, string? Model, JudgeForm Wanted), JudgeForm> _known = new();

    /// <returns>The form that the judge is known to answer to; else the one wanted.</returns>
    public JudgeForm For(ChatEndpoint endpoint, JudgeForm wanted) => _known.GetValueOrDefault((endpoint.RequestUrl, endpoint.Model, wanted), wanted);

    /// <summary>The judge has answered to this form where another was wanted.</summary>
    public void Remember(ChatEndpoint endpoint, JudgeForm wanted, JudgeForm answered)
    {
        if (_known.Count >= Capacity)
            _known.Clear();
        _known[(endpoint.RequestUrl, endpoint.Model, wanted)] = answered;
    }
}
