using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using EvalJobs.Server.Dashboard.Actions;
using EvalJobs.Server.Dashboard.Forms;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Dashboard.Pages;

/// <summary>When is this suite run, and for which agent? The form of a schedule, new or stored.</summary>
internal sealed class SchedulePage(
    PageRequest request, RunScheduleRepository schedules, CreateSchedule create, ChangeSchedule change, EvaluationSuiteRepository suites, VersionListRepository versions, TenantRepository tenants)
{
    private const int AgentCount = 200;

    public async Task<IResult> ShowNewAsync(long suiteId)
    {
        var (tenant, suite) = await FindSuiteAsync(suiteId);
        var agents = await AgentsAsync(tenant);
        return RenderForm(new ScheduleForm { Tenant = tenant, SuiteId = suite.Id, SuiteName = suite.Name, Agents = agents, Agent = agents.Count == 1 ? agents[0] : "" }, StatusCodes.Status200OK);
    }

    public async Task<IResult> CreateAsync(long suiteId, IFormCollection fields)
    {
        var (tenant, suite) = await FindSuiteAsync(suiteId);
        var form = Read(fields, new ScheduleForm { Tenant = tenant, SuiteId = suite.Id, SuiteName = suite.Name, Agents = await AgentsAsync(tenant) });
        return await SaveAsync(form, async draft =>
        {
            var created = await create.ExecuteAsync(tenant.Id, suite.Id, draft, request.Viewer.Actor, request.Aborted);
            return $"Schedule {created.Id} is created: {ScheduleStatus.Of(created).Words}.";
        });
    }

    public async Task<IResult> ShowEditAsync(long id)
    {
        var (tenant, schedule) = await FindAsync(id);
        return RenderForm(ScheduleForm.Of(tenant, schedule, await AgentsAsync(tenant)), StatusCodes.Status200OK);
    }

    public async Task<IResult> ChangeAsync(long id, IFormCollection fields)
    {
        var (tenant, schedule) = await FindAsync(id);
        var form = Read(fields, ScheduleForm.Of(tenant, schedule, await AgentsAsync(tenant))) with { BasedOn = FormText.Number(fields["basedOn"]) };
        return await SaveAsync(form, async draft =>
        {
            var changed = await change.ExecuteAsync(id, draft, form.BasedOn, request.Viewer.Actor, request.Aborted);
            return $"Schedule {changed.Id} is changed: {ScheduleStatus.Of(changed).Words}.";
        });
    }

    /// <summary>Stores what was typed, or shows it again with all errors next to the fields.</summary>
    private async Task<IResult> SaveAsync(ScheduleForm form, Func<ScheduleDraft, Task<string>> store)
    {
        if (form.Agent.Length == 0)
            form.Errors.Add("agent", "Choose the agent whose newest version is run.");
        if (form.CronTyped is { } cron)
            Check(form, form.Repeat == ScheduleForm.ByCron ? "cron" : "time", () => ScheduleTimes.Validate(cron, "UTC"));
        else
            form.Errors.Add("time", $"'{form.Time}' is not a time of day, such as 02:00.");
        Check(form, "timeZone", () => ScheduleTimes.Parse("0 0 * * *", form.TimeZone));
        var priority = 0;
        Check(form, "priority", () => RunPriority.Validate(priority = FormNumber.ParsePriority(form.Priority)));
        if (!form.Errors.Any)
        {
            try
            {
                var message = await store(new ScheduleDraft { AgentName = form.Agent, Cron = form.CronTyped!, TimeZone = form.TimeZone, Priority = priority });
                return request.Done($"/evaluations/suites/{form.SuiteId}", message);
            }
            catch (ConflictException error)
            {
                form.Errors.General = error.Message;
            }
            catch (NotAllowedException error)
            {
                form.Errors.Add("agent", error.Message);
            }
        }

        return RenderForm(form, StatusCodes.Status422UnprocessableEntity);
    }

    private static void Check(ScheduleForm form, string field, Action check)
    {
        try
        {
            check();
        }
        catch (InvalidInputException error)
        {
            form.Errors.Add(field, FieldMessage.WithoutField(error.Message));
        }
    }

    private static ScheduleForm Read(IFormCollection fields, ScheduleForm form) => form with
    {
        Agent = FormText.Line(fields["agent"]).Trim(),
        Repeat = ScheduleForm.Choices.Any(choice => choice.Key == fields["repeat"].ToString()) ? fields["repeat"].ToString() : ScheduleForm.Daily,
        Weekday = FormText.Line(fields["weekday"]),
        Time = FormText.Line(fields["time"]).Trim(),
        Cron = FormText.Line(fields["cron"]).Trim(),
        TimeZone = FormText.Line(fields["timeZone"]).Trim(),
        Priority = FormText.Line(fields["priority"]).Trim(),
    };

    private Task<IReadOnlyList<string>> AgentsAsync(Tenant tenant) => versions.ListAgentsAsync(tenant.Id, "", AgentCount, request.Aborted);

    private async Task<(Tenant Tenant, EvaluationSuite Suite)> FindSuiteAsync(long id)
    {
        var suite = await suites.GetAsync(id, request.Aborted);
        return (request.EnsureSees(await tenants.GetAsync(suite.TenantId, request.Aborted)), suite);
    }

    private async Task<(Tenant Tenant, RunSchedule Schedule)> FindAsync(long id)
    {
        var schedule = await schedules.GetAsync(id, request.Aborted);
        return (request.EnsureSees(await tenants.GetAsync(schedule.TenantId, request.Aborted)), schedule);
    }

    private static IResult RenderForm(ScheduleForm form, int status) => Page.Of<ScheduleFormView, ScheduleForm>(form, status);
}
