using System.Globalization;
using Microsoft.VisualStudio.TestPlatform.ObjectModel;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Client;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Logging;

namespace EvalJobs.TestLogger;

/// <summary>Prints the output of 'dotnet test': every failure, a line of progress at intervals, one line per reason for skipped tests, and the fixtures that took longest.</summary>
/// <remarks>VSTest finds this assembly by the end of its name; tests/Directory.Build.props selects it by the name below.</remarks>
[FriendlyName("summary")]
[ExtensionUri("logger://EvalJobs/Summary/v1")]
public sealed class SummaryLogger : ITestLogger, IDisposable
{
    private const int SlowestCount = 10;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(20);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _skipped = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock = TimeProvider.System;
    private ITimer? _progress;
    private readonly Dictionary<string, (TimeSpan Time, int Count)> _fixtures = new(StringComparer.Ordinal);
    private long _started;
    private long _lastEnd;
    private int _passed;
    private int _failed;
    private string? _last;

    public void Initialize(TestLoggerEvents events, string testRunDirectory)
    {
        ArgumentNullException.ThrowIfNull(events);
        _started = _lastEnd = _clock.GetTimestamp();
        _progress = _clock.CreateTimer(_ => WriteProgress(), null, ProgressInterval, ProgressInterval);
        events.TestResult += (_, each) => Add(each.Result);
        events.TestRunMessage += (_, message) =>
        {
            if (message.Level == TestMessageLevel.Error)
                Console.WriteLine(message.Message);
        };
        events.TestRunComplete += (_, _) => Complete();
    }

    public void Dispose() => _progress?.Dispose();

    private void Add(TestResult result)
    {
        lock (_lock)
        {
            _last = $"{Path.GetFileNameWithoutExtension(result.TestCase.Source)}, {result.TestCase.FullyQualifiedName}";
            AddTime(result.TestCase.FullyQualifiedName);
            switch (result.Outcome)
            {
                case TestOutcome.Passed:
                    _passed++;
                    break;
                case TestOutcome.Failed:
                    _failed++;
                    WriteFailure(result);
                    break;
                default:
                    var reason = Reason(result);
                    _skipped[reason] = _skipped.GetValueOrDefault(reason) + 1;
                    break;
            }
        }
    }

    /// <summary>Tests run one after the other, so the time since the end of the previous test belongs to this one, including its setup.</summary>
    private void AddTime(string name)
    {
        var now = _clock.GetTimestamp();
        var end = name.AsSpan().IndexOfAny('(', '<');
        var fixture = end >= 0 && name[end] == '<' ? name[..end] : name[..Math.Max((end < 0 ? name : name[..end]).LastIndexOf('.'), 0)];
        var (time, count) = _fixtures.GetValueOrDefault(fixture);
        _fixtures[fixture] = (time + _clock.GetElapsedTime(_lastEnd, now), count + 1);
        _lastEnd = now;
    }

    private static void WriteFailure(TestResult result)
    {
        Console.WriteLine($"  Failed {result.TestCase.FullyQualifiedName} {Parameters(result)}[{Seconds(result.Duration)}]");
        Console.WriteLine(result.ErrorMessage);
        Console.WriteLine(result.ErrorStackTrace);
        foreach (var message in result.Messages)
            Console.WriteLine(message.Text);
    }

    private void WriteProgress()
    {
        lock (_lock)
        {
            if (_last is not null)
                Console.WriteLine($"  {Seconds(_clock.GetElapsedTime(_started))}: {_passed} passed, {_failed} failed, {_skipped.Values.Sum()} skipped so far; last: {_last}");
        }
    }

    private void Complete()
    {
        _progress?.Dispose();
        lock (_lock)
        {
            foreach (var (reason, count) in _skipped.OrderByDescending(each => each.Value))
                Console.WriteLine($"  Skipped {count}: {reason}");
            foreach (var (fixture, (time, count)) in _fixtures.OrderByDescending(each => each.Value.Time).Take(SlowestCount))
                Console.WriteLine($"  Slow: {Seconds(time)} for {count} of {fixture[(fixture.LastIndexOf('.') + 1)..]}");
        }
    }

    /// <summary>The first line of the message, because several lines would look like several reasons.</summary>
    private static string Reason(TestResult result) =>
        result.ErrorMessage?.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? "no reason given";

    private static string Parameters(TestResult result) =>
        result.TestCase.FullyQualifiedName.EndsWith(result.TestCase.DisplayName, StringComparison.Ordinal) ? "" : $"{result.TestCase.DisplayName} ";

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0 's'", CultureInfo.InvariantCulture);
}
