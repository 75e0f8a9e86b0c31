using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using EvalJobs.Domain;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>
/// Calls a server's HTTP API with a key. After a temporary error a request is tried again. Every change has an Idempotency-Key, so that it is
/// executed only once.
/// </summary>
internal sealed class ApiClient : IDisposable
{
    private const int MaxTries = 5;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    // Longer than the server may delay the answer to a request.
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(100);

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new StoredWordConverterFactory() },
    };

    private readonly HttpClient _http;
    private readonly TimeProvider _clock;

    /// <param name="url">The server's address, such as <c>https://evals.example.com</c>.</param>
    /// <param name="key">The key; never shown.</param>
    /// <param name="clock">Measures the waits between tries.</param>
    /// <exception cref="InvalidInputException">The address is not an http or https URL.</exception>
    public ApiClient(string url, string key, TimeProvider clock)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp))
            throw new InvalidInputException("EVALJOBS_URL: expected an absolute http or https URL, such as https://evals.example.com.");
        Url = url.TrimEnd('/');
        _clock = clock;

        // A redirect would send the key to another host.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = RequestTimeout };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("evaljobs-gate");
    }

    /// <summary>The server's address.</summary>
    public string Url { get; }

    /// <summary>Reads a resource.</summary>
    /// <param name="path">A path below <c>/api/v1</c>, or a complete path from an answer of the API.</param>
    /// <param name="wait">How long the server may delay the answer until a run has ended.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="NotAllowedException">The server rejected the request; the message is that of the server.</exception>
    /// <exception cref="ServerUnreachableException">The server did not answer after several tries.</exception>
    public Task<T> GetAsync<T>(string path, TimeSpan? wait, CancellationToken cancellationToken) => SendAsync<T>(
        () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, Address(path));
            if (wait is { } longest)
                request.Headers.Add("Prefer", $"wait={(int)longest.TotalSeconds}");
            return request;
        },
        cancellationToken);

    /// <summary>Reads every page of a list.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async IAsyncEnumerable<T> ListAsync<T>(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? next = path; next is not null;)
        {
            var page = await GetAsync<ApiPage<T>>(next, null, cancellationToken);
            foreach (var item in page.Items)
                yield return item;
            next = page.Next;
        }
    }

    /// <summary>Sends a change.</summary>
    /// <param name="path">A path below <c>/api/v1</c>.</param>
    /// <param name="body">The body; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The answer; the default value when it has no body.</returns>
    /// <inheritdoc cref="GetAsync" path="/exception"/>
    public Task<T?> PostAsync<T>(string path, object? body, CancellationToken cancellationToken)
    {
        var key = Guid.NewGuid().ToString();
        return SendAsync<T?>(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, Address(path));
                request.Headers.Add("Idempotency-Key", key);
                if (body is not null)
                    request.Content = JsonContent.Create(body, body.GetType(), options: Json);
                return request;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private string Address(string path) => path.Contains("/api/v1/", StringComparison.Ordinal) ? new Uri(new Uri(Url), path).AbsoluteUri : $"{Url}/api/v1{path}";

    private async Task<T> SendAsync<T>(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var (answer, retryAfter, failure) = await TryAsync<T>(create, cancellationToken);
            if (failure is null)
                return answer!;
            if (tries == MaxTries)
                throw new ServerUnreachableException($"{Url} {failure}, {MaxTries} times.");
            await Task.Delay(retryAfter ?? Min(FirstWait * Math.Pow(2, tries - 1), MaxWait), _clock, cancellationToken);
        }
    }

    private async Task<(T? Answer, TimeSpan? RetryAfter, string? Failure)> TryAsync<T>(Func<HttpRequestMessage> create, CancellationToken cancellationToken)
    {
        try
        {
            using var request = create();
            using var response = await _http.SendAsync(request, cancellationToken);
            if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout)
                return (default, response.Headers.RetryAfter?.Delta is { } delay ? Min(delay, MaxWait) : null, $"answered {(int)response.StatusCode}");
            if (!response.IsSuccessStatusCode)
                throw await CreateErrorAsync(response, cancellationToken);
            return (response.StatusCode == HttpStatusCode.NoContent ? default : await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken), null, null);
        }
        catch (HttpRequestException error)
        {
            return (default, null, $"did not answer ({error.HttpRequestError})");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (default, null, "did not answer in time");
        }
        catch (JsonException error)
        {
            throw new ServerUnreachableException($"{Url} answered with something that is not EvalJobs' API: is it the right address?", error);
        }
    }

    private static async Task<Exception> CreateErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        ApiErrorAnswer? problem = null;
        if (response.Content.Headers.ContentType?.MediaType == "application/problem+json")
            problem = await response.Content.ReadFromJsonAsync<ApiErrorAnswer>(Json, cancellationToken);
        if (problem is null)
            return new ServerUnreachableException($"The server answered {(int)response.StatusCode}, and not as EvalJobs' API does: is EVALJOBS_URL the right address?");

        var message = string.Join(' ', ((string?[])[$"{problem.Title}.", problem.Detail, problem.Remedy]).Where(text => text is not null));
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound => new NotFoundException(message),
            HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed => new ConflictException(message),
            >= HttpStatusCode.InternalServerError => new IOException($"{message} (trace {problem.TraceId})"),
            _ => new InvalidInputException(message),
        };
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

/// <summary>A page of a list of the API.</summary>
internal sealed record ApiPage<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>An error in an answer of the API.</summary>
internal sealed record ApiErrorAnswer(string Title, string? Detail, string? Remedy, string? TraceId);

/// <summary>The server does not answer.</summary>
internal sealed class ServerUnreachableException(string message, Exception? inner = null) : IOException(message, inner);
