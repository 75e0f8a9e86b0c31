using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents;

/// <summary>The URLs agents may have. Their addresses are checked by <see cref="AddressGuard"/> at connect time.</summary>
internal static class AgentUrl
{
    /// <param name="field">Its name in the message, such as <c>target.url</c>.</param>
    /// <param name="text">The URL.</param>
    /// <exception cref="InvalidInputException">Not an absolute http or https URL, or one that holds a user name or control characters.</exception>
    public static Uri Parse(string field, string text)
    {
        // Uri would trim or escape these without an error.
        if (text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)))
            throw new InvalidInputException($"{field} must not contain spaces, line breaks or control characters.");

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
            throw new InvalidInputException($"{field} ({Excerpt.Of(text, 100)}) must be an absolute http or https URL.");

        // Not shown: the part before the '@' is often a password.
        if (url.UserInfo.Length > 0 || url.Authority.Contains('@'))
            throw new InvalidInputException($"{field} must not contain a user name or password; use a secret in a header.");

        return url;
    }
}
