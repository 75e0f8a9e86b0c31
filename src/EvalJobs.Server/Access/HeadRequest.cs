namespace EvalJobs.Server.Access;

/// <summary>Answers HEAD at every address that answers GET: the endpoint gets a GET, and the web server sends only the headers.</summary>
internal sealed class HeadRequest(RequestDelegate next)
{
    private static readonly object Mark = new();

    /// <returns>Whether the body will not be sent: an endpoint with a long body can omit it.</returns>
    public static bool Is(HttpContext http) => http.Items.ContainsKey(Mark);

    public Task InvokeAsync(HttpContext http)
    {
        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Items[Mark] = true;
            http.Request.Method = HttpMethods.Get;
        }

        return next(http);
    }
}
