using System.Net.Sockets;
using EvalJobs.Domain;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace EvalJobs.Jobs.Alerts;

/// <summary>Mails alerts to one receiver.</summary>
/// <param name="options">The mail server.</param>
/// <param name="receiver">One of its receivers.</param>
/// <param name="connections">The connections to the server that may be open at once, shared by all its receivers.</param>
internal sealed class SmtpAlertChannel(SmtpOptions options, string receiver, SemaphoreSlim connections) : IAlertChannel
{
    /// <summary>The prefix of every such channel's name; earlier the name of the only mail channel.</summary>
    public const string Kind = "smtp";

    /// <summary>Connections to the mail server at once: some reject the fourth, and another server may be sending as well.</summary>
    public const int MaxConnections = 2;

    /// <inheritdoc/>
    public string Name => $"{Kind}:{receiver}";

    /// <inheritdoc/>
    public IReadOnlySet<AlertTopic> Topics { get; } = AlertTopics.Read(options.Topics);

    /// <inheritdoc/>
    public async Task SendAsync(IReadOnlyList<Alert> alerts, CancellationToken cancellationToken)
    {
        using var message = Write(alerts);
        await connections.WaitAsync(cancellationToken);
        try
        {
            // A connection per message: alerts are rare, and servers drop idle ones. Like HttpClient, it does not check revocation.
            using var smtp = new SmtpClient { CheckCertificateRevocation = false };
            await smtp.ConnectAsync(options.Host, options.Port, Protection, cancellationToken);
            if (options is { UserName: { } user, Password: { } password })
                await smtp.AuthenticateAsync(user, password, cancellationToken);
            await smtp.SendAsync(message, cancellationToken);

            // The server has accepted the mail; a later error must not send it again.
            await smtp.DisconnectAsync(quit: false, CancellationToken.None);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw new AlertChannelException(Reason(error), error);
        }
        finally
        {
            connections.Release();
        }
    }

    private SecureSocketOptions Protection => options.Security switch
    {
        SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
        SmtpSecurity.None => SecureSocketOptions.None,
        _ => SecureSocketOptions.StartTls,
    };

    private MimeMessage Write(IReadOnlyList<Alert> alerts)
    {
        var message = new MimeMessage
        {
            Subject = $"[EvalJobs] {AlertMessage.Subject(alerts)}",
            Body = new TextPart("plain") { Text = string.Join("\r\n", AlertMessage.Lines(alerts)) },
        };
        message.From.Add(MailboxAddress.Parse(options.From));
        message.To.Add(MailboxAddress.Parse(receiver));

        // With this header mail programs send no automatic reply.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    /// <summary>Kinds and numbers only: the server's text may repeat what we sent.</summary>
    private static string Reason(Exception error) => error switch
    {
        SmtpCommandException answer => $"answered {(int)answer.StatusCode} ({answer.ErrorCode})",
        SocketException socket => $"cannot connect: {socket.SocketErrorCode}",
        SslHandshakeException => "the TLS handshake failed: the certificate is not trusted, or the port speaks another protocol",
        AuthenticationException => "the user name or password was rejected",
        NotSupportedException => "the server offers no STARTTLS",
        _ => error.GetType().Name,
    };
}
