using System.Globalization;
using EvalJobs.Benchmarks;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

// One line per benchmark; each has its own file. docs/develop/benchmarks.md describes what they measure and their results.
return args switch
{
    ["http", .. var rest] => await HttpThroughput.RunAsync(rest),
    ["tenants", .. var rest] => await ManyTenants.RunAsync(rest),
    ["workers", .. var rest] => await DeadAgents.RunAsync(rest),
    ["soak", .. var rest] => await Soak.RunAsync(rest),
    ["tick"] => await TickAtScale.RunAsync(),
    ["backlog"] => await BigBacklog.RunAsync(),
    ["archive"] => await ArchiveWait.RunAsync(),
    ["gate", .. var rest] => GateChances.Run(rest),
    ["api"] => await ApiLoad.RunAsync(),
    ["scorers", .. var rest] => await ScorerProcesses.RunAsync(rest),
    ["dashboard"] => await DashboardPages.RunAsync(),
    _ => Help(),
};

static int Help()
{
    Console.Error.WriteLine(
        """
        Usage: dotnet run -c Release --project tests/EvalJobs.Benchmarks -- <benchmark>

          http [cases] [scoring]   a run over HTTP against an agent on loopback: cases per second, peak memory of the server (default 10000 cases, exact_match)
          tenants [n]    n tenants at once, each queued twice: runs per second of a whole server (default 2000 tenants)
          workers [n…]   pools of n workers with as many dead agents as healthy ones: waits, runs per second, memory (default 2 to 64)
          soak [minutes] many small runs, one after the other: resident memory of the server each minute, flat after minute 5 (default 10 minutes)
          tick           tenant selection, claim and the rest of a tick with 1,000,000 ended runs, compared with 1,000
          backlog        what a batch with remaining work reads of a large backlog, and the pages of a run of 100,000 cases
          archive        how long claims wait while the cleanup archives
          gate [agents]  how often an agent passes the gate by chance, by simulation with its real code (default 100000 agents)
          api            the HTTP API with keys checked: reads and creations per second
          scorers [n]    the cost of a case with a cheap scorer in a scorer process (default 4000 cases of each type of scorer)
          dashboard      the dashboard's pages with 10,000 tenants and 1,000,000 ended runs: milliseconds per page
        """);
    return 2;
}
