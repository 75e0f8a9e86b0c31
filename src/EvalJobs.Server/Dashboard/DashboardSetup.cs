using EvalJobs.Server.Access;
using EvalJobs.Server.Dashboard.Actions;
using EvalJobs.Server.Dashboard.Forms;
using EvalJobs.Server.Dashboard.Pages;
using EvalJobs.Server.Web;
using Hangfire;
using Microsoft.AspNetCore.Mvc;

namespace EvalJobs.Server.Dashboard;

/// <summary>Hangfire's dashboard and our pages below its path.</summary>
internal static class DashboardSetup
{
    /// <summary>The cookie with the message of an action, for the next page.</summary>
    public const string MessageCookie = "evaljobs-message";

    /// <summary>A page answers HEAD too.</summary>
    private static readonly string[] PageMethods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Registers what our pages need.</summary>
    public static IServiceCollection AddDashboardPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddMvcCore().AddViews();
        services.Configure<Microsoft.AspNetCore.Mvc.CookieTempDataProviderOptions>(message =>
        {
            message.Cookie.Name = MessageCookie;
            message.Cookie.SameSite = SameSiteMode.Strict;
            message.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        return services
            .AddHttpContextAccessor()
            .AddDashboardPolicies()
            .AddUploadLimit()
            .AddPostedForms()
            .AddSingleton<OverviewCache>()
            .AddSingleton<RunProgressCache>()
            .AddSingleton<LiveFragments>()
            .AddSingleton<TrendFigures>()
            .AddSingleton<CaseOutcomeCache>()
            .AddSingleton<HangfireStatistics>()
            .AddSingleton<FormLocks>()
            .AddSingleton<UploadStore>()
            .AddSingleton<BulkRuns>()
            .AddSingleton<BatchNames>()
            .AddScoped<PageRequest>()
            .AddScoped<TenantPicker>()
            .AddScoped<QueryReferences>()
            .AddScoped<ChangeHistory>()
            .AddScoped<CurrentSuiteReader>().AddScoped<TenantListsReader>().AddScoped<VersionEvidenceReader>()
            .AddScoped<OverviewPage>().AddScoped<TenantPage>().AddScoped<RunsPage>().AddScoped<BulkPage>().AddScoped<RunPage>().AddScoped<ComparePage>().AddScoped<TrendPage>().AddScoped<SuitesPage>().AddScoped<SuitePage>()
            .AddScoped<SuiteFormPage>().AddScoped<SuiteUploadPage>().AddScoped<VersionsPage>().AddScoped<VersionPage>().AddScoped<AuditPage>()
            .AddScoped<SearchPage>().AddScoped<SchedulePage>().AddScoped<JobsPage>().AddScoped<PolicyPage>().AddScoped<TimesPage>().AddScoped<RevisionPage>().AddScoped<CertificatePage>()
            .AddScoped<WorkActions>().AddScoped<TenantActions>().AddScoped<RunActions>().AddScoped<RunCreationActions>().AddScoped<VersionActions>().AddScoped<PromotionActions>().AddScoped<ScheduleActions>();
    }

    /// <summary>Adds the checks of our endpoints; call it after <see cref="AccessSetup.UseAccess"/>.</summary>
    public static void UseDashboardPages(this WebApplication app)
    {
        // A request that cannot be read is an exception for the API, which explains it, and an empty answer for others.
        app.Use(async (http, next) =>
        {
            try
            {
                await next(http);
            }
            catch (BadHttpRequestException error) when (!ApiPaths.Covers(http.Request.Path) && !http.Response.HasStarted)
            {
                http.Response.StatusCode = error.StatusCode;
            }

            await StatusCodePage.ExplainAsync(http);
        });
        app.UseAuthorization();
        app.UseReadRouting();
        app.UseRateLimiter();
        app.UsePostedForms();
    }

    /// <summary>Maps Hangfire's dashboard and our pages, which take precedence over it below <see cref="DashboardPaths.OwnPages"/>.</summary>
    public static void MapDashboard(this WebApplication app)
    {
        DashboardMenu.RegisterOnce();
        app.MapHangfireDashboard(DashboardPaths.Root, new BatchNamingOptions(app.Services.GetRequiredService<BatchNames>())
        {
            DashboardTitle = "EvalJobs",
            DisplayStorageConnectionString = false,
            Authorization = [new DashboardAuthorization()],
            IsReadOnlyFunc = context => !Viewer.Of(Hangfire.Dashboard.AspNetCoreDashboardContextExtensions.GetHttpContext(context)).CanOperate,

            // Hangfire's own icon is a data URL, which a strict content policy rejects.
            FaviconPath = app.Services.GetRequiredService<AccessOptions>().PathBase + DashboardPaths.Root + DashboardAssets.Icon.Path,

            // The dashboard is the whole site, so there is no page to go back to.
            AppPath = null,
        });

        app.MapGroup(DashboardPaths.Root).MapAssets();
        var pages = app.MapGroup(DashboardPaths.Root + DashboardPaths.OwnPages).AddEndpointFilter<RouteGroupBuilder, LiveFilter>().AddEndpointFilter<RouteGroupBuilder, PageErrors>();
        MapPages(pages);
        MapActions(pages.MapGroup("").RequireAuthorization(DashboardPolicy.Operate).WithMetadata(new PostedForms.Metadata()));
        pages.MapMethods("/{**rest}", PageMethods, (string? rest) => Page.Notice("Not found", "This page does not exist.", StatusCodes.Status404NotFound));
    }

    private static void MapPages(RouteGroupBuilder pages)
    {
        pages.MapMethods("", PageMethods, (OverviewPage page) => page.ShowAsync()).ReadsCopy();
        pages.MapMethods("/tenants/{slug}", PageMethods, (string slug, TenantPage page) => page.ShowAsync(slug));
        pages.MapMethods("/runs", PageMethods, (RunsPage page) => page.ShowAsync()).ReadsCopy();
        pages.MapMethods("/runs/{id:long}", PageMethods, (long id, RunPage page) => page.ShowAsync(id));
        pages.MapMethods("/runs/{id:long}/cases/{caseId:long}/{text}", PageMethods, (long id, long caseId, string text, RunPage page) => page.ReadTextAsync(id, caseId, text));
        pages.MapMethods("/search", PageMethods, (SearchPage page) => page.ShowAsync()).ReadsCopy();
        pages.MapMethods("/runs/{id:long}/cases/{caseId:long}/{text}/markdown", PageMethods, (long id, long caseId, string text, RunPage page) => page.ReadMarkdownAsync(id, caseId, text));
        pages.MapMethods("/trend", PageMethods, (TrendPage page) => page.ShowAsync()).ReadsCopy();
        pages.MapMethods("/compare", PageMethods, (ComparePage page) => page.ShowAsync()).ReadsCopy();
        pages.MapMethods("/compare/case", PageMethods, (ComparePage page) => page.ShowCaseAsync()).ReadsCopy();
        pages.MapMethods("/jobs", PageMethods, (JobsPage page) => page.ShowAsync()).RequireAuthorization(DashboardPolicy.EveryTenant);
        pages.MapMethods("/schedules/{id:long}", PageMethods, (long id, ScheduleActions schedule) => schedule.ShowAsync(id));
        pages.MapMethods("/suites", PageMethods, (SuitesPage page) => page.ShowAsync()).ReadsCopy();
        pages.MapMethods("/suites/{id:long}", PageMethods, (long id, SuitePage page) => page.ShowAsync(id));
        pages.MapMethods("/suites/{id:long}/cases/{caseId:long}/{text}", PageMethods, (long id, long caseId, string text, SuitePage page) => page.ReadTextAsync(id, caseId, text));
        pages.MapMethods("/suites/{id:long}/cases/{caseId:long}/{text}/markdown", PageMethods, (long id, long caseId, string text, SuitePage page) => page.ReadMarkdownAsync(id, caseId, text));
        pages.MapMethods("/suites/{id:long}/difference", PageMethods, (long id, RevisionPage page) => page.ShowAsync(id)).ReadsCopy();
        pages.MapMethods("/versions", PageMethods, (VersionsPage page) => page.ShowAsync()).ReadsCopy();
        pages.MapMethods("/versions/{id:long}", PageMethods, (long id, VersionPage page) => page.ShowAsync(id));
        pages.MapMethods("/versions/{id:long}/genome", PageMethods, (long id, VersionPage page) => page.ReadGenomeAsync(id));
        pages.MapMethods("/versions/{id:long}/certificates/{record:long}", PageMethods, (long id, long record, CertificatePage page) => page.ShowAsync(id, record));
        pages.MapMethods("/versions/{id:long}/certificates/{record:long}/document", PageMethods, (long id, long record, CertificatePage page) => page.ReadAsync(id, record));
        pages.MapMethods("/tenants/{slug}/policy", PageMethods, (string slug, PolicyPage page) => page.ShowAsync(slug));
        pages.MapMethods("/audit", PageMethods, (AuditPage page) => page.ShowAsync()).ReadsCopy();
        pages.MapMethods("/times", PageMethods, (TimesPage page) => page.Show());
        pages.MapPost("/times", (IFormCollection form, TimesPage page) => page.Save(form)).WithMetadata(new PostedForms.Metadata(), ReaderEndpoint.Instance);
        MapDownloads(pages);
    }

    /// <summary>Files.</summary>
    private static void MapDownloads(RouteGroupBuilder pages)
    {
        pages.MapGet("/runs/export/{format}", (string format, RunsPage page) => page.ExportAsync(format)).ReadsCopy();
        pages.MapGet("/runs/{id:long}/export/{format}", (long id, string format, RunPage page) => page.ExportAsync(id, format));
        pages.MapGet("/compare/export/{format}", (string format, ComparePage page) => page.ExportAsync(format)).ReadsCopy();
        pages.MapGet("/suites/{id:long}/export/{format}", (long id, string format, SuitePage page) => page.ExportAsync(id, format));
        pages.MapGet("/audit/export/{format}", (string format, AuditPage page) => page.ExportAsync(format)).ReadsCopy();
    }

    /// <summary>Actions. An action's address is that of its page and one more segment.</summary>
    private static void MapActions(RouteGroupBuilder actions)
    {
        var server = actions.MapGroup("").RequireAuthorization(DashboardPolicy.EveryTenant);
        server.MapPost("/process", (WorkActions work) => work.ProcessAllAsync());
        server.MapPost("/cleanup", (WorkActions work) => work.CleanUpAsync());
        server.MapPost("/health-check", (WorkActions work) => work.CheckHealthAsync());
        server.MapPost("/jobs/pause", ([FromForm] string? job, [FromForm] string? reason, JobsPage page) => page.PauseAsync(job, reason));
        server.MapPost("/jobs/resume", ([FromForm] string? job, JobsPage page) => page.ResumeAsync(job));

        actions.MapPost("/tenants/{slug}/process", (string slug, TenantActions tenant) => tenant.ProcessAsync(slug));
        actions.MapMethods("/tenants/{slug}/pause", PageMethods, (string slug, TenantActions tenant) => tenant.ConfirmPauseAsync(slug));
        actions.MapPost("/tenants/{slug}/pause", (string slug, TenantActions tenant) => tenant.SetPausedAsync(slug, true));
        actions.MapPost("/tenants/{slug}/resume", (string slug, TenantActions tenant) => tenant.SetPausedAsync(slug, false));

        actions.MapMethods("/runs/change", PageMethods, (BulkPage page) => page.ConfirmAsync());
        actions.MapPost("/runs/change", (IFormCollection form, BulkPage page) => page.StartAsync(form)).AddEndpointFilter<SubmitOnce>();
        actions.MapMethods("/runs/change/{id}", PageMethods, (string id, BulkPage page) => page.ShowProgress(id));
        actions.MapMethods("/runs/{id:long}/cancel", PageMethods, (long id, RunActions run) => run.ConfirmCancelAsync(id));
        actions.MapPost("/runs/{id:long}/cancel", (long id, RunActions run) => run.CancelAsync(id));
        actions.MapPost("/runs/{id:long}/priority", (long id, [FromForm] string? priority, RunActions run) => run.SetPriorityAsync(id, priority));
        actions.MapPost("/runs/{id:long}/acknowledge", (long id, [FromForm] string? note, RunActions run) => run.AcknowledgeAsync(id, note));
        actions.MapPost("/runs/{id:long}/restore", (long id, RunActions run) => run.RestoreAsync(id));
        actions.MapMethods("/runs/{id:long}/void", PageMethods, (long id, PromotionActions run) => run.ConfirmVoidAsync(id));
        actions.MapPost("/runs/{id:long}/void", (long id, [FromForm] string? reason, PromotionActions run) => run.VoidAsync(id, reason)).AddEndpointFilter<SubmitOnce>();
        actions.MapPost("/versions/{id:long}/require", (long id, PromotionActions version) => version.RequireAsync(id)).AddEndpointFilter<SubmitOnce>();
        actions.MapPost("/runs/{id:long}/retry", (long id, RunCreationActions run) => run.RetryAsync(id)).AddEndpointFilter<SubmitOnce>();
        actions.MapPost("/runs/{id:long}/ask-again", (long id, RunCreationActions run) => run.AskAgainAsync(id)).AddEndpointFilter<SubmitOnce>();
        actions.MapPost("/versions/{id:long}/runs", (long id, [AsParameters] RunInput input, RunCreationActions run) => run.CreateAsync(id, input.Suite, input)).AddEndpointFilter<SubmitOnce>();
        actions.MapPost("/suites/{id:long}/runs", (long id, [AsParameters] RunInput input, RunCreationActions run) => run.CreateAsync(input.Version, id, input)).AddEndpointFilter<SubmitOnce>();

        actions.MapMethods("/versions/{id:long}/transition", PageMethods, (long id, VersionActions version) => version.ConfirmTransitionAsync(id));
        actions.MapPost("/versions/{id:long}/transition", (long id, [AsParameters] TransitionInput input, VersionActions version) => version.TransitionAsync(id, input)).AddEndpointFilter<SubmitOnce>();

        actions.MapMethods("/suites/{id:long}/schedule", PageMethods, (long id, SchedulePage page) => page.ShowNewAsync(id));
        actions.MapPost("/suites/{id:long}/schedule", (long id, IFormCollection form, SchedulePage page) => page.CreateAsync(id, form)).AddEndpointFilter<SubmitOnce>();
        actions.MapMethods("/schedules/{id:long}/edit", PageMethods, (long id, SchedulePage page) => page.ShowEditAsync(id));
        actions.MapPost("/schedules/{id:long}/edit", (long id, IFormCollection form, SchedulePage page) => page.ChangeAsync(id, form)).AddEndpointFilter<SubmitOnce>();
        actions.MapPost("/schedules/{id:long}/pause", (long id, ScheduleActions schedule) => schedule.SetPausedAsync(id, true));
        actions.MapPost("/schedules/{id:long}/resume", (long id, ScheduleActions schedule) => schedule.SetPausedAsync(id, false));
        actions.MapPost("/schedules/{id:long}/run", (long id, ScheduleActions schedule) => schedule.RunAsync(id)).AddEndpointFilter<SubmitOnce>();
        actions.MapMethods("/schedules/{id:long}/delete", PageMethods, (long id, ScheduleActions schedule) => schedule.ConfirmDeleteAsync(id));
        actions.MapPost("/schedules/{id:long}/delete", (long id, ScheduleActions schedule) => schedule.DeleteAsync(id)).AddEndpointFilter<SubmitOnce>();

        actions.MapMethods("/tenants/{slug}/policy/edit", PageMethods, (string slug, PolicyPage page) => page.ShowEditAsync(slug));
        actions.MapPost("/tenants/{slug}/policy/edit", (string slug, IFormCollection form, PolicyPage page) => page.SaveAsync(slug, form)).AddEndpointFilter<SubmitOnce>();

        actions.MapMethods("/suites/new", PageMethods, (SuiteFormPage page) => page.ShowNewAsync());
        actions.MapPost("/suites/new", (IFormCollection form, SuiteFormPage page) => page.CreateAsync(form)).AddEndpointFilter<SubmitOnce>();
        actions.MapMethods("/suites/{id:long}/edit", PageMethods, (long id, SuiteFormPage page) => page.ShowEditAsync(id));
        actions.MapPost("/suites/{id:long}/edit", (long id, IFormCollection form, SuiteFormPage page) => page.SaveAsync(id, form)).AddEndpointFilter<SubmitOnce>();
        actions.MapMethods("/suites/upload", PageMethods, (SuiteUploadPage page) => page.ShowNewAsync()).RequireRateLimiting(UploadLimit.Policy);
        actions.MapPost("/suites/upload", (IFormCollection form, SuiteUploadPage page) => page.UploadNewAsync(form)).RequireRateLimiting(UploadLimit.Policy).AddEndpointFilter<SubmitOnce>();
        actions.MapMethods("/suites/{id:long}/upload", PageMethods, (long id, SuiteUploadPage page) => page.ShowNextAsync(id)).RequireRateLimiting(UploadLimit.Policy);
        actions.MapPost("/suites/{id:long}/upload", (long id, IFormCollection form, SuiteUploadPage page) => page.UploadNextAsync(id, form)).RequireRateLimiting(UploadLimit.Policy).AddEndpointFilter<SubmitOnce>();
    }
}
