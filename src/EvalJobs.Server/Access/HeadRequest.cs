namespace EvalJobs.Server.Access;

/// <summary>Answers HEAD wherever GET is answered: endpoints see GET, and the web server sends the headers alone.</summary>
internal sealed class HeadRequest(RequestDelegate next)
{
    private static readonly object Mark = new();

    /// <returns>Whether nobody reads the body: what writes long ones can leave it out.</returns>
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
