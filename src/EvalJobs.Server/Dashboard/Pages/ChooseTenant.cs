namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>Asks for the tenant that a page needs before it can be shown.</summary>
/// <param name="Heading">What the page is.</param>
/// <param name="Choice">What was typed so far.</param>
internal sealed record ChooseTenant(string Heading, TenantChoice Choice)
{
    /// <returns>The question.</returns>
    public static IResult Ask(string heading, TenantChoice choice) => Page.Of<ChooseTenantView, ChooseTenant>(new ChooseTenant(heading, choice), choice.Status);
}
