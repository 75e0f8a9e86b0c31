using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using EvalJobs.Domain;

namespace EvalJobs.Jobs.Alerts;

/// <summary>Posts alerts to one webhook.</summary>
/// <remarks>The operator wrote the URL, so any address may be reached; a redirect is not followed.</remarks>
internal sealed class WebhookAlertChannel(string name, WebhookOptions options, TimeProvider clock) : IAlertChannel, IDisposable
{
    /// <summary>When the message was signed, in seconds since 1970: a receiver rejects old ones.</summary>
    public const string TimestampHeader = "EvalJobs-Timestamp";

    /// <summary><c>sha256=</c> and the lower-case hexadecimal HMAC-SHA256 of <c>{timestamp}.{body}</c>.</summary>
    public const string SignatureHeader = "EvalJobs-Signature";

    // Its own client, because the factory's logging would show the URL.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        // The deadline is the caller's token.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <inheritdoc/>
    public string Name => $"webhook:{name}";

    /// <inheritdoc/>
    public IReadOnlySet<AlertTopic> Topics { get; } = AlertTopics.Read(options.Topics);

    /// <inheritdoc/>
    public async Task SendAsync(IReadOnlyList<Alert> alerts, CancellationToken cancellationToken)
    {
        var body = options.Format == WebhookFormat.Slack ? AlertMessage.SlackBody(alerts) : AlertMessage.GenericBody(alerts);
        using var request = new HttpRequestMessage(HttpMethod.Post, options.Url)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        Sign(request, body);

        try
        {
            // Only the status of the answer is used; its body is not read.
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw new AlertChannelException($"answered {(int)response.StatusCode}");
        }
        catch (HttpRequestException error)
        {
            // The framework's message names the host, which is part of the URL.
            throw new AlertChannelException(Reason(error), error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private void Sign(HttpRequestMessage request, string body)
    {
        if (options.Secret is null)
            return;

        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.Secret), Encoding.UTF8.GetBytes($"{timestamp}.{body}"));
        request.Headers.Add(TimestampHeader, timestamp);
        request.Headers.Add(SignatureHeader, $"sha256={Convert.ToHexStringLower(signature)}");
    }

    private static string Reason(HttpRequestException error) =>
        error.InnerException is SocketException socket ? $"{error.HttpRequestError}: {socket.SocketErrorCode}" : $"{error.HttpRequestError}";
}
