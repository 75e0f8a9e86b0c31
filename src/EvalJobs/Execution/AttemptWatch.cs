using EvalJobs.Domain;

namespace EvalJobs.Execution;

/// <summary>
/// Watches whether one attempt gets answers, and says when it should stop asking: after several cases in a row without an answer, or when its batch's time is
/// over. Safe for concurrent use.
/// </summary>
/// <param name="limit">Cases in a row without an answer.</param>
/// <param name="firstOutages">Cases in a row with a failing endpoint, before the first answer.</param>
/// <param name="judgeOutages">Cases in a row whose judge gives no answer.</param>
internal sealed class AttemptWatch(int limit, int firstOutages, int judgeOutages)
{
    private readonly Lock _lock = new();
    private int _limit = limit;
    private int _firstOutages = firstOutages;
    private int _askedCount;
    private int _inARow;
    private int _outagesInARow;
    private int _judgeOutagesInARow;

    /// <summary>Cases that the agent has answered.</summary>
    public int AnsweredCount { get; private set; }

    /// <summary>Those of them that need no judge, or were judged.</summary>
    public int JudgedCount { get; private set; }

    /// <summary>Cases that ended without an answer.</summary>
    public int UnansweredCount { get; private set; }

    /// <summary>The error of the last case without an answer or a verdict; null when there is none.</summary>
    public string? LastError { get; private set; }

    /// <summary>A case that the agent has answered; null when there is none.</summary>
    public TestCase? Answered { get; private set; }

    /// <summary>Whether the attempt ended because nothing answers any more.</summary>
    public bool HasGivenUp { get; private set; }

    /// <summary>Whether the attempt stopped because its batch's time is over.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Whether the cases that ended last, all in a row, had a failing endpoint; false when none ended without an answer.</summary>
    public bool IsOutage
    {
        get
        {
            lock (_lock)
                return _inARow > 0 && _outagesInARow == _inARow;
        }
    }

    /// <summary>The endpoint of the judge that gave no answer when one was last asked; null when it gave one, or none was asked.</summary>
    public string? SilentJudge { get; private set; }

    /// <summary>Whether the judge of so many cases in a row gave no answer: further answers of the agent would be paid for and could not be judged.</summary>
    internal bool IsJudgeSilent
    {
        get
        {
            lock (_lock)
                return _judgeOutagesInARow >= judgeOutages;
        }
    }

    /// <summary>Whether so many cases in a row got no answer. After the first answer only cases with a failing endpoint count.</summary>
    internal bool IsDoubtful
    {
        get
        {
            lock (_lock)
                return AnsweredCount == 0 ? _inARow >= _limit || _outagesInARow >= _firstOutages : _outagesInARow >= _limit;
        }
    }

    /// <summary>Checks whether another case may be asked now. Before the first answer, at most the number of cases in the limit are asked at once.</summary>
    internal bool TryAsk()
    {
        lock (_lock)
        {
            if (IsPaused || IsDoubtful || IsJudgeSilent || (AnsweredCount == 0 && _askedCount >= Math.Min(_limit, _firstOutages)))
                return false;
            _askedCount++;
            return true;
        }
    }

    /// <summary>The batch's time is over: cases in progress are finished, and no further one is asked.</summary>
    public void Pause()
    {
        lock (_lock)
            IsPaused = true;
    }

    /// <summary>A case has ended.</summary>
    internal void Record(TestCase testCase, TestCaseResult result)
    {
        lock (_lock)
        {
            if (result.Judge is not null)
            {
                _judgeOutagesInARow = result.IsJudgeOutage ? _judgeOutagesInARow + 1 : 0;
                SilentJudge = result.IsJudgeOutage ? result.Judge : null;
            }

            // Its endpoint works, even if the answer is an error.
            if (!result.IsOutage)
                _firstOutages = _limit;
            if (result.Verdict == CaseVerdict.Errored || result.AskAgain)
                LastError = result.Error;
            if (result.Verdict == CaseVerdict.Errored)
            {
                UnansweredCount++;
                _inARow++;
                _outagesInARow = result.IsOutage ? _outagesInARow + 1 : 0;
            }
            else
            {
                AnsweredCount++;
                if (!result.AskAgain)
                    JudgedCount++;
                Answered = testCase;
                _inARow = _outagesInARow = 0;
            }
        }
    }

    /// <summary>The agent has answered a question that it had answered before: so these cases are the cause. Twice as many must follow before it is checked again.</summary>
    internal void Trust()
    {
        lock (_lock)
        {
            _inARow = _outagesInARow = 0;
            _limit *= 2;
            _firstOutages = _limit;
            _askedCount = 0;
        }
    }

    /// <summary>Nothing answers: the attempt ends.</summary>
    internal void GiveUp()
    {
        lock (_lock)
            HasGivenUp = true;
    }
}
