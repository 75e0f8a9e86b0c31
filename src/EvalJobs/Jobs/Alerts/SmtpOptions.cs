using System.ComponentModel.DataAnnotations;
using EvalJobs.Domain;
using MimeKit;

namespace EvalJobs.Jobs.Alerts;

/// <summary>The mail server and who gets mail. Section <c>EvalJobs:Alerts:Smtp</c>.</summary>
internal sealed record SmtpOptions
{
    /// <summary>The server's name.</summary>
    public string Host { get; init; } = "";

    /// <summary>Its port. Default 587, the port for mail handed in.</summary>
    public int Port { get; init; } = 587;

    /// <summary>How the connection is protected. Default STARTTLS, and no mail at all if the server does not support it.</summary>
    public SmtpSecurity Security { get; init; } = SmtpSecurity.StartTls;

    /// <summary>The sender's address.</summary>
    public string From { get; init; } = "";

    /// <summary>The receivers' addresses. Each gets a separate mail.</summary>
    public IReadOnlyList<string> To { get; init; } = [];

    /// <summary>The topics it receives, by the words of <see cref="AlertTopic"/>; none means HEALTH, TICK and FAILURE. PROMOTED, GATE_FAILED, APPROVAL_WANTED and RUN_COMPLETED are off unless named.</summary>
    public IReadOnlyList<string> Topics { get; init; } = [];

    /// <summary>User name, if the server wants one.</summary>
    public string? UserName { get; init; }

    /// <summary>Its password. From the environment or a secret store, never a file in git.</summary>
    public string? Password { get; init; }

    /// <summary>Shows nothing: so that a password is never logged by accident.</summary>
    public override string ToString() => nameof(SmtpOptions);

    internal IEnumerable<ValidationResult> Validate(string setting)
    {
        if (Host.Length == 0)
            yield return new("expected the mail server's name.", [$"{setting}:{nameof(Host)}"]);
        if (Port is < 1 or > 65535)
            yield return new($"{Port}: expected 1 to 65535.", [$"{setting}:{nameof(Port)}"]);
        if (!MailboxAddress.TryParse(From, out _))
            yield return new($"'{From}' is not a mail address.", [$"{setting}:{nameof(From)}"]);
        if (To.Count == 0)
            yield return new("expected at least one mail address.", [$"{setting}:{nameof(To)}"]);
        foreach (var address in To.Where(each => !MailboxAddress.TryParse(each, out _)))
            yield return new($"'{address}' is not a mail address.", [$"{setting}:{nameof(To)}"]);
        foreach (var error in AlertTopics.Validate(Topics, $"{setting}:{nameof(Topics)}"))
            yield return error;
        if (UserName is null != Password is null)
            yield return new("expected both or neither.", [$"{setting}:{nameof(UserName)}", $"{setting}:{nameof(Password)}"]);
        if (UserName is not null && Security == SmtpSecurity.None)
            yield return new("a password is not sent in the clear; expected StartTls or Tls.", [$"{setting}:{nameof(Security)}"]);
    }
}

/// <summary>How a connection to the mail server is protected.</summary>
internal enum SmtpSecurity
{
    /// <summary>Plain first, then TLS before any command; no mail if the server does not support it.</summary>
    StartTls,

    /// <summary>TLS from the first byte, usually port 465.</summary>
    Tls,

    /// <summary>Plain, for a relay on the same machine or network.</summary>
    None,
}
