using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Support;

/// <summary>Keeps every log line with its level, its exception and the key/values of its scopes.</summary>
public sealed class LogCapture : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public ConcurrentQueue<LogLine> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Logger(LogCapture capture, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => capture._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var scope = new Dictionary<string, object?>(StringComparer.Ordinal);
            capture._scopes.ForEachScope((each, all) =>
            {
                foreach (var (key, value) in each as IEnumerable<KeyValuePair<string, object?>> ?? [])
                    all[key] = value;
            }, scope);
            capture.Lines.Enqueue(new LogLine(category, logLevel, formatter(state, exception), exception, scope));
        }
    }
}

public sealed record LogLine(string Category, LogLevel Level, string Text, Exception? Exception, IReadOnlyDictionary<string, object?> Scope)
{
    /// <summary>Everything that could reach a log file.</summary>
    public string Whole => $"{Level} {Category} {Text} {Exception} {string.Join(' ', Scope.Values)}";
}
