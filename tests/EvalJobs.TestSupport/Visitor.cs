using System.Net;
using System.Text.RegularExpressions;

namespace EvalJobs.Tests.Support;

/// <summary>An HTTP client that acts as a browser: it keeps cookies, does not follow redirects, and reads the antiforgery token from a page as the page's script does.</summary>
public sealed partial class Visitor : IDisposable
{
    private readonly HttpClient _http;

    public Visitor(Uri server)
    {
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = server };
        _http.DefaultRequestHeaders.Add("Accept", "text/html");
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>Adds a header to every request, such as a header that a proxy adds.</summary>
    public Visitor With(string header, string value)
    {
        _http.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        return this;
    }

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request);

    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        _http.PostAsync(path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    /// <summary>Opens the form, fills it in and submits it.</summary>
    public async Task<HttpResponseMessage> SignInAsync(string name, string password, string returnUrl = "/hangfire")
    {
        var page = await (await GetAsync($"/signin?returnUrl={Uri.EscapeDataString(returnUrl)}")).Content.ReadAsStringAsync();
        return await PostAsync("/signin", ("name", name), ("password", password), ("returnUrl", returnUrl), ("__RequestVerificationToken", FormToken(page)));
    }

    /// <summary>Sends a command of Hangfire's dashboard as its script does, with the token of the page it is on.</summary>
    public async Task<HttpResponseMessage> CommandAsync(string page, string command, string job)
    {
        var html = await (await GetAsync(page)).Content.ReadAsStringAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, command) { Content = new FormUrlEncodedContent([new("jobs[]", job)]) };
        request.Headers.Add("RequestVerificationToken", ScriptToken().Match(html).Groups["token"].Value);
        return await _http.SendAsync(request);
    }

    public static string FormToken(string page) => FormTokens().Match(page).Groups["token"].Value;

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex FormTokens();

    [GeneratedRegex("name=\"csrf-token\" content=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex ScriptToken();
}
