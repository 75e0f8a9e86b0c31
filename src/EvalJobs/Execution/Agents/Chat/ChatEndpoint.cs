using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>The endpoint of a model service and how to reach it.</summary>
internal sealed record ChatEndpoint
{
    /// <summary>The settings that <see cref="Read"/> reads; a caller that reads them together with its own passes them as known keys.</summary>
    public static readonly string[] Settings = ["endpoint", "model", "apiKeyRef", "apiKeyHeader", "apiVersion", "headers"];

    /// <summary>What is sent there, and how its answers are read.</summary>
    public required ChatForm Form { get; init; }

    /// <summary>Base URL, such as <c>https://api.openai.com/v1</c> or Azure's <c>https://NAME.openai.azure.com/openai/deployments/DEPLOYMENT</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>The name the endpoint knows the model by; null if the URL chooses the model.</summary>
    public required string? Model { get; init; }

    /// <summary>The tenant's secret that holds the API key; null for an endpoint that asks for none.</summary>
    public required string? ApiKeyRef { get; init; }

    /// <summary>The header that carries the API key: <c>Authorization</c> (as <c>Bearer</c>) or another one (as it is).</summary>
    public required string ApiKeyHeader { get; init; }

    /// <summary>The version of the service's API, where it is given: Azure's <c>api-version</c>, or the form's header.</summary>
    public required string? ApiVersion { get; init; }

    /// <summary>Further headers of each request.</summary>
    public required RequestHeaders Headers { get; init; }

    /// <summary>The URL that is asked.</summary>
    public Uri RequestUrl
    {
        get
        {
            var url = new UriBuilder(Url);
            url.Path = $"{url.Path.TrimEnd('/')}/{Form.Path}";
            if (ApiVersion is not null && Form.VersionHeader is null)
                url.Query = $"api-version={Uri.EscapeDataString(ApiVersion)}";
            return url.Uri;
        }
    }

    /// <summary>Reads <see cref="Settings"/>.</summary>
    /// <param name="name">How messages call the settings, such as <c>target</c>.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="form">How the service is asked.</param>
    /// <param name="fallbackModel">The model when the settings name none.</param>
    /// <exception cref="InvalidInputException">A setting is missing or wrong; the message names it.</exception>
    public static ChatEndpoint Read(string name, JsonSettings settings, ChatForm form, string? fallbackModel = null)
    {
        var url = settings.Url("endpoint");
        var apiKeyRef = settings.Text("apiKeyRef");
        if (url is null && apiKeyRef is null)
            throw new InvalidInputException($"{name}.apiKeyRef is missing; {form.PublicUrl} asks for a key. For another service set {name}.endpoint.");
        if (url is { Query.Length: > 0 } or { Fragment.Length: > 0 })
            throw new InvalidInputException($"{name}.endpoint must end with its path, such as {form.PublicUrl}. Write an api-version into {name}.apiVersion.");

        var apiVersion = settings.Text("apiVersion") ?? form.DefaultVersion;
        var isAzure = apiVersion is not null && form.VersionHeader is null;
        var header = settings.Text("apiKeyHeader") ?? (isAzure ? "api-key" : form.KeyHeader);
        if (!HeaderText.IsName(header) || RequestHeaders.IsForbidden(header))
            throw new InvalidInputException($"{name}.apiKeyHeader ({Excerpt.Of(header, 50)}) must be a header name, such as {form.KeyHeader} or api-key.");

        var headers = RequestHeaders.Read($"{name}.headers", settings.Value("headers"), hasBody: true);
        if (apiKeyRef is not null && headers.Contains(header))
            throw new InvalidInputException($"{name}.headers.{header} must not be set; it carries the API key of {name}.apiKeyRef.");

        if (form.VersionHeader is { } versionHeader && (headers.Contains(versionHeader) || !HeaderText.IsSafe(apiVersion!)))
            throw new InvalidInputException($"{name}.headers.{versionHeader} must not be set: {name}.apiVersion sets it, and may contain only characters that a header may contain.");

        var model = settings.Text("model") ?? fallbackModel;
        return new ChatEndpoint
        {
            Form = form,
            Url = url ?? form.PublicUrl,
            Model = isAzure ? model : model ?? settings.RequiredText("model"),
            ApiKeyRef = apiKeyRef,
            ApiKeyHeader = header,
            ApiVersion = apiVersion,
            Headers = headers,
        };
    }
}
