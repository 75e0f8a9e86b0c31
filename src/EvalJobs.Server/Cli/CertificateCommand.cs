using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Server.Cli;

/// <summary><c>version certificate</c>.</summary>
internal static class CertificateCommand
{
    /// <summary>The number of listed certificates: a version is promoted only a few times.</summary>
    private const int ListedCount = 100;

    public static Command Build()
    {
        var slug = TenantCommands.SlugArgument();
        var agent = VersionCommands.AgentArgument();
        var label = VersionCommands.LabelArgument();
        var of = new Option<long?>("--of") { Description = "The audit record of the transition, when the version was promoted more than once; default: the newest.", HelpName = "record" };
        var verify = new Option<bool>("--verify") { Description = "Recompute it from what is stored and name what differs; exit code 1 when something does." };
        var export = new Option<FileInfo?>("--export") { Description = "Write it with all its evidence, prompts and replies included, to this new file; see docs/guide/certificate.md.", HelpName = "file" };
        return new Command("certificate", "Show what the promotion of a version was based on.") { slug, agent, label, of, verify, export }.Runs(async (parsed, context) =>
        {
            var version = await VersionCommands.FindAsync(context, parsed.GetRequiredValue(slug), parsed.GetRequiredValue(agent), parsed.GetRequiredValue(label));
            var certificates = context.Get<CertificateRepository>();
            var listed = await certificates.ListAsync(version.Id, ListedCount, context.CancellationToken);
            var certificate = Choose(version, listed, parsed.GetValue(of));
            if (parsed.GetValue(export) is { } file)
                await ExportAsync(certificates, certificate, file, context.CancellationToken);
            var transition = await certificates.FindTransitionAsync(certificate, context.CancellationToken);
            var verification = parsed.GetValue(verify) ? await certificates.VerifyAsync(certificate, context.CancellationToken) : null;
            context.Answer(Json(certificate, transition, verification), () => Show(certificate, transition, listed, verification, parsed.GetValue(export)));
            return verification is { IsIntact: false } ? ExitCode.Attention : ExitCode.Ok;
        });
    }

    private static StoredCertificate Choose(AgentVersion version, IReadOnlyList<StoredCertificate> listed, long? of)
    {
        if (listed.Count == 0)
        {
            throw new NotFoundException(
                $"Version {version.VersionLabel} of {version.AgentName} has no certificate: one is made when it becomes a CANDIDATE or APPROVED by its requirements. 'version standing' shows what it needs.");
        }

        return of is null
            ? listed[0]
            : listed.FirstOrDefault(each => each.AuditRecordId == of)
                ?? throw new NotFoundException($"--of {of}: the version has no certificate of that audit record, but of {string.Join(", ", listed.Select(each => each.AuditRecordId))}.");
    }

    private static async Task ExportAsync(CertificateRepository certificates, StoredCertificate certificate, FileInfo file, CancellationToken cancellationToken)
    {
        if (file.Exists)
            throw new ConflictException($"--export {file}: the file is there already; name a new one.");
        await using var writer = new StreamWriter(file.FullName, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await certificates.ExportAsync(certificate, writer, cancellationToken);
    }

    private static object Json(StoredCertificate certificate, ChangeRecord? transition, CertificateVerification? verification) => new
    {
        certificate.AuditRecordId,
        certificate.Sha256,
        transition?.At,
        transition?.Actor,
        certificate = Parse(certificate.Document),
        verification,
    };

    private static JsonElement? Parse(string document)
    {
        try
        {
            return JsonElement.Parse(document);
        }
        catch (JsonException)
        {
            // It was changed; --verify reports this.
            return null;
        }
    }

    private static void Show(
        StoredCertificate certificate, ChangeRecord? transition, IReadOnlyList<StoredCertificate> listed, CertificateVerification? verification, FileInfo? export)
    {
        CommandContext.Line($"Certificate {certificate.AuditRecordId}, SHA-256 {certificate.Sha256}");
        if (transition is not null)
            CommandContext.Line($"Made at {CommandContext.Moment(transition.At)} by {transition.Actor}.");
        foreach (var line in CertificateText.Lines(certificate.Document))
            CommandContext.Line(line);
        if (listed.Count > 1)
            CommandContext.Line($"Others of this version (--of): {string.Join(", ", listed.Where(each => each != certificate).Select(each => each.AuditRecordId.ToString(CultureInfo.InvariantCulture)))}.");
        if (export is not null)
            CommandContext.Line($"Written with its evidence to {export}.");
        if (verification is null)
            return;

        CommandContext.Line(verification.IsIntact ? "VERIFIED: the stored data matches the certificate." : "CHANGED: the stored data does not match the certificate.");
        foreach (var difference in verification.Differences)
            CommandContext.Line($"- {difference}");
        foreach (var remark in verification.Remarks)
            CommandContext.Line($"Remark: {remark}");
    }
}
