using EvalJobs.Server.Dashboard.Actions;
using EvalJobs.Server.Dashboard.Pages;
using Hangfire;
using Hangfire.Dashboard;

namespace EvalJobs.Server.Dashboard;

/// <summary>Adds our pages to Hangfire's dashboard.</summary>
public static class DashboardSetup
{
    /// <summary>The dashboard path of our icon.</summary>
    public const string IconPath = "/evaluations/icon";

    private static readonly Lock Gate = new();
    private static bool _isRegistered;

    /// <summary>Registers what our pages need of each server.</summary>
    public static IServiceCollection AddDashboardPages(this IServiceCollection services) => services
        .AddSingleton<OverviewCache>()
        .AddSingleton<RunProgressCache>();

    /// <summary>Registers routes, menu, style and script. Only the first call in a process does anything: Hangfire's tables are static.</summary>
    /// <remarks>Therefore no route may hold a server's services; handlers are made from those of the request.</remarks>
    public static void RegisterPages()
    {
        lock (Gate)
        {
            if (_isRegistered)
                return;
            _isRegistered = true;
        }

        var assembly = typeof(DashboardSetup).Assembly;
        DashboardRoutes.AddStylesheet(assembly, "Dashboard/evaljobs.css");
        DashboardRoutes.AddStylesheetDarkMode(assembly, "Dashboard/evaljobs-dark.css");
        DashboardRoutes.AddJavaScript(assembly, "Dashboard/evaljobs.js");
        DashboardRoutes.Routes.Add(IconPath, new AssetDispatcher("image/svg+xml", "Dashboard/icon.svg"));
        DashboardMenu.Register();
        GlobalConfiguration.Configuration.UseJobDetailsRenderer(0, JobDetails.Render);
        MapPages();
        MapActions();
    }

    private static void MapPages()
    {
        Page<OverviewPage>("/evaluations", (page, request) => page.ShowAsync(request));
        Page<TenantPage>("/evaluations/tenants/(?<Slug>[a-z0-9-]+)", (page, request) => page.ShowAsync(request));
        Page<RunsPage>("/evaluations/runs", (page, request) => page.ShowAsync(request));
        Page<RunPage>("/evaluations/runs/(?<RunId>[0-9]+)", (page, request) => page.ShowAsync(request));
        Fragment<RunPage>("/evaluations/runs/(?<RunId>[0-9]+)/progress", (page, request) => page.ShowProgressAsync(request));
        Text<RunPage>("/evaluations/runs/(?<RunId>[0-9]+)/cases/(?<CaseId>[0-9]+)/(?<Text>input|expected|output)", (page, request) => page.ReadTextAsync(request));
        Page<SuitesPage>("/evaluations/suites", (page, request) => page.ShowAsync(request));
        Page<SuiteFormPage>("/evaluations/suites/new", (page, request) => page.ShowNewAsync(request));
        Page<SuiteUploadPage>("/evaluations/suites/upload", (page, request) => page.ShowNewAsync(request));
        Page<SuitePage>("/evaluations/suites/(?<SuiteId>[0-9]+)", (page, request) => page.ShowAsync(request));
        Page<SuiteFormPage>("/evaluations/suites/(?<SuiteId>[0-9]+)/edit", (page, request) => page.ShowEditAsync(request));
        Page<SuiteUploadPage>("/evaluations/suites/(?<SuiteId>[0-9]+)/upload", (page, request) => page.ShowNextAsync(request));
        Text<SuitePage>("/evaluations/suites/(?<SuiteId>[0-9]+)/cases/(?<CaseId>[0-9]+)/(?<Text>input|expected)", (page, request) => page.ReadTextAsync(request));
        Page<VersionsPage>("/evaluations/versions", (page, request) => page.ShowAsync(request));
        Page<VersionPage>("/evaluations/versions/(?<VersionId>[0-9]+)", (page, request) => page.ShowAsync(request));
        Text<VersionPage>("/evaluations/versions/(?<VersionId>[0-9]+)/genome", (page, request) => page.ReadGenomeAsync(request));
        Page<AuditPage>("/evaluations/audit", (page, request) => page.ShowAsync(request));
    }

    private static void MapActions()
    {
        Action<WorkActions>("process", (actions, request) => actions.ProcessAllAsync(request));
        Action<WorkActions>("cleanup", (actions, request) => actions.CleanUpAsync(request));
        Action<WorkActions>("health-check", (actions, request) => actions.CheckHealthAsync(request));
        Action<TenantActions>("tenants/(?<Slug>[a-z0-9-]+)/process", (actions, request) => actions.ProcessAsync(request));
        Action<TenantActions>("tenants/(?<Slug>[a-z0-9-]+)/pause", (actions, request) => actions.PauseAsync(request));
        Action<TenantActions>("tenants/(?<Slug>[a-z0-9-]+)/resume", (actions, request) => actions.ResumeAsync(request));
        Action<RunActions>("runs/(?<RunId>[0-9]+)/cancel", (actions, request) => actions.CancelAsync(request));
        Action<RunActions>("runs/(?<RunId>[0-9]+)/prioritize", (actions, request) => actions.PrioritizeAsync(request));
        Action<RunCreationActions>("runs/(?<RunId>[0-9]+)/retry", (actions, request) => actions.RetryAsync(request));
        Action<RunCreationActions>("runs/create", (actions, request) => actions.CreateAsync(request));
        Action<VersionActions>("versions/(?<VersionId>[0-9]+)/transition", (actions, request) => actions.TransitionAsync(request));
        Action<SuiteFormPage>("tenants/(?<Slug>[a-z0-9-]+)/suites/create", (page, request) => page.CreateAsync(request));
        Action<SuiteFormPage>("suites/(?<SuiteId>[0-9]+)/save", (page, request) => page.SaveAsync(request));
        Action<SuiteUploadPage>("tenants/(?<Slug>[a-z0-9-]+)/suites/upload", (page, request) => page.UploadNewAsync(request));
        Action<SuiteUploadPage>("suites/(?<SuiteId>[0-9]+)/upload", (page, request) => page.UploadNextAsync(request));
    }

    /// <summary>A page within the dashboard.</summary>
    /// <param name="path">A regular expression of the whole path, with named groups for what varies.</param>
    /// <param name="show">Loads what the page shows.</param>
    private static void Page<THandler>(string path, Func<THandler, PageRequest, Task<PageContent>> show) where THandler : class =>
        DashboardRoutes.Routes.Add(path, new PageDispatcher<THandler>(show, isFragment: false));

    /// <summary>A part of a page that refreshes by itself.</summary>
    private static void Fragment<THandler>(string path, Func<THandler, PageRequest, Task<PageContent>> show) where THandler : class =>
        DashboardRoutes.Routes.Add(path, new PageDispatcher<THandler>(show, isFragment: true));

    /// <summary>Plain text.</summary>
    private static void Text<THandler>(string path, Func<THandler, PageRequest, Task<string>> read) where THandler : class =>
        DashboardRoutes.Routes.Add(path, new TextDispatcher<THandler>(read));

    /// <summary>What a button posts, under <c>/evaluations/actions/</c>.</summary>
    private static void Action<THandler>(string path, Func<THandler, PageRequest, Task<ActionOutcome>> act) where THandler : class =>
        DashboardRoutes.Routes.Add($"/evaluations/actions/{path}", new ActionDispatcher<THandler>(act));
}
