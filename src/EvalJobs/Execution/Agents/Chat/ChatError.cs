using System.Globalization;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>An error that a chat endpoint reports inside an answer with status 200, for the whole answer or for one choice.</summary>
/// <param name="Words">The provider's own words, on one line.</param>
/// <param name="IsTransient">Whether asking again may help.</param>
internal sealed record ChatError(string Words, bool IsTransient)
{
    private const int MaxWords = 500;

    private static readonly HashSet<string> TransientWords = new(StringComparer.OrdinalIgnoreCase)
    {
        "rate_limit_exceeded", "rate_limit_error", "rate_limit", "too_many_requests", "overloaded_error", "overloaded", "engine_overloaded",
        "server_error", "internal_server_error", "internal_error", "api_error", "timeout", "timeout_error", "service_unavailable",
        "UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED", "INTERNAL", "ABORTED",
    };

    /// <returns>The error in an answer's <c>error</c>; null when there is none.</returns>
    public static ChatError? In(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object)
            return null;
        if (answer.TryGetProperty("error", out var error) && IsError(error))
            return Read(error);

        // vLLM and others put the error's fields at the top: { "object": "error", "message": …, "code": … }.
        return answer.TryGetProperty("object", out var kind) && kind.ValueKind == JsonValueKind.String && kind.ValueEquals("error") ? Read(answer) : null;
    }

    /// <returns>The error in the body of an answer, when it is JSON with an error; else null.</returns>
    public static ChatError? InBody(ReadOnlyMemory<byte> body)
    {
        if (body.Span.IndexOf("error"u8) < 0)
            return null;
        try
        {
            using var answer = JsonDocument.Parse(body);
            return In(answer.RootElement) ?? InChoices(answer.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <returns>Whether the body says that the account's quota is used up: no waiting within a case helps.</returns>
    public static bool IsQuotaUsedUp(ReadOnlySpan<byte> body) => body.IndexOf("\"insufficient_quota\""u8) >= 0;

    private static ChatError? InChoices(JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("choices", out var choices) || choices.ValueKind != JsonValueKind.Array)
            return null;
        return choices.EnumerateArray().Select(In).FirstOrDefault(error => error is not null);
    }

    private static bool IsError(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.Object => error.EnumerateObject().Any(),
        JsonValueKind.String => error.GetRawText().Length > 2,
        JsonValueKind.Null or JsonValueKind.False or JsonValueKind.Undefined => false,
        _ => true,
    };

    private static ChatError Read(JsonElement error)
    {
        if (error.ValueKind != JsonValueKind.Object)
            return new ChatError(Excerpt.Of(Text(error), MaxWords), IsTransient: false);

        var message = error.TryGetProperty("message", out var words) ? Text(words) : error.GetRawText();
        var code = error.TryGetProperty("code", out var given) && given.ValueKind is JsonValueKind.Number or JsonValueKind.String ? Text(given) : null;
        var details = error.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object ? $" {metadata.GetRawText()}" : "";
        return new ChatError(Excerpt.Of($"{message}{(code is null ? "" : $" (code {code})")}{details}", MaxWords), IsTransientError(error, code));
    }

    private static bool IsTransientError(JsonElement error, string? code)
    {
        if (error.GetRawText().Contains("\"insufficient_quota\"", StringComparison.Ordinal))
            return false;
        if (int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status))
            return AgentFailure.IsTransient(status);

        foreach (var key in (ReadOnlySpan<string>)["code", "type", "status"])
        {
            if (error.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String && TransientWords.Contains(Text(value)))
                return true;
        }
        return false;
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return JsonPath.TextOf(value);
        }
        catch (InvalidInputException)
        {
            return value.GetRawText();
        }
    }
}
