using System.Buffers;
using System.Globalization;

namespace EvalJobs.Execution.Agents;

/// <summary>
/// The innermost handler: reads the whole reply, up to <see cref="AgentOptions.MaxReplyBytes"/> after decompression, before the
/// handlers above see it. So the slot covers the reply's body too, and a connection cut in its middle is retried like any other.
/// </summary>
internal sealed class ReplyLimitHandler(AgentOptions options) : DelegatingHandler
{
    /// <summary>What is kept of the body of an error: enough for its message, however much the endpoint sends.</summary>
    private const int MaxErrorBytes = 16 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var host = request.RequestUri!.Authority;
        try
        {
            var response = await base.SendAsync(request, cancellationToken);
            try
            {
                ThrowIfRedirect(response, request.RequestUri);
                await BufferBodyAsync(response, host, cancellationToken);
                return response;
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
        catch (HttpRequestException error) when (CallException(error) is { } reason)
        {
            // The exception of a guard, which the connection has wrapped in another one.
            throw new AgentCallException(reason.Message, error);
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            throw new HttpRequestException(HttpRequestError.SecureConnectionError, $"no TLS connection: {(error.InnerException ?? error).Message}", error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            // The only clock below us is the handler's ConnectTimeout.
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"no connection within {AgentRegistration.ConnectTimeout}", error);
        }
        catch (InvalidDataException error)
        {
            throw new AgentCallException($"The compressed reply from {host} is damaged.", error);
        }
        catch (IOException error)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "the connection broke in the middle of the reply", error);
        }
    }

    /// <summary>A redirect could carry the headers' secrets to another host, and silently change what is evaluated.</summary>
    private static void ThrowIfRedirect(HttpResponseMessage response, Uri requestUri)
    {
        if ((int)response.StatusCode is < 300 or > 399)
            return;

        var to = response.Headers.Location is not { } location ? "nowhere"
            : Uri.TryCreate(requestUri, location, out var absolute) ? absolute.Authority
            : "an unreadable address";
        throw new AgentCallException(
            string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)response.StatusCode} from {requestUri.Authority}: a redirect to {to}; redirects are not followed."));
    }

    private async Task BufferBodyAsync(HttpResponseMessage response, string host, CancellationToken cancellationToken)
    {
        // The handler decodes only the encodings that it requested. With another encoding the scorer would get unreadable bytes.
        if (response.IsSuccessStatusCode && response.Content.Headers.ContentEncoding.Any(encoding => encoding != "identity"))
            throw new AgentCallException($"The reply from {host} has a Content-Encoding that was not requested.");

        var limit = response.IsSuccessStatusCode ? options.MaxReplyBytes : MaxErrorBytes;
        if (response.IsSuccessStatusCode && response.Content.Headers.ContentLength > limit)
            throw TooLarge(host);

        using var original = response.Content;
        using var body = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            await using var stream = await original.ReadAsStreamAsync(cancellationToken);
            int read;
            while (body.Length <= limit && (read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
                body.Write(buffer, 0, read);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (body.Length > limit)
        {
            if (response.IsSuccessStatusCode)
                throw TooLarge(host);
            body.SetLength(limit);
        }

        var held = new HeldContent(body.ToArray());
        foreach (var header in original.Headers.Where(header => header.Key != "Content-Length"))
            held.Headers.TryAddWithoutValidation(header.Key, header.Value);
        response.Content = held;
    }

    private AgentCallException TooLarge(string host) =>
        new($"The reply from {host} is larger than EvalJobs:Agents:MaxReplyBytes ({options.MaxReplyBytes} bytes).");

    private static AgentCallException? CallException(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is AgentCallException found)
                return found;
        }
        return null;
    }
}
